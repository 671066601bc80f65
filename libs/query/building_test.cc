#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "libs/access/organization.h"
#include "libs/query/guarded_page.h"
#include "libs/query/moment_records.h"
#include "libs/store/example_catalogue.h"
#include "libs/store/example_commits.h"

// Lists of somebody who may read few records, while the index within owners that would find them is
// still being built.
namespace crm::query {
namespace {

namespace example = store::example;

constexpr char kIndex[] = "state,status";
constexpr uint64_t kLeads = 3'000, kOwners = 300;
constexpr size_t kPageSize = 3;

// As if the index within owners had been declared later.
std::unique_ptr<record::Catalogue> Before() {
  return example::WithLeads(
      [](record::v1::Record& leads) { example::DeclaredIndex(leads, kIndex)->set_access(false); });
}

std::unique_ptr<store::Store> Open(const record::Catalogue& catalogue,
                                   const std::shared_ptr<store::Disk>& disk) {
  store::StoreOptions options;
  options.path = "/store";
  options.disk = disk;
  options.memory_bytes = 1 << 20;
  auto opened = store::Store::Open(options, catalogue);
  EXPECT_TRUE(opened) << opened.error().text;
  return std::move(*opened);
}

record::Uuid Owner(uint64_t number) { return example::Id(1'000'000 + number % kOwners); }

std::shared_ptr<store::Disk> Filled(const record::Catalogue& catalogue) {
  example::Commits commits;
  for (uint64_t i = 0; i < kLeads; ++i) {
    sales::v1::Lead lead;
    lead.set_state(static_cast<sales::v1::Lead::State>(1 + i / kOwners % 3));
    lead.set_status(static_cast<sales::v1::Lead::Status>(2 + i % 5));
    lead.set_owner("users/" + Owner(i).Text());
    commits.Add("velo", {example::Of(lead, example::Id(i), "created")});
  }
  auto disk = store::Disk::InMemory();
  const auto store = Open(catalogue, disk);
  commits.ApplyTo(*store, 500);
  store->Flush();
  return disk;
}

// One user owns a few of the leads, and may read its own.
access::Description OneOfMany() {
  access::Description description;
  const auto leads = example::Type("leads").number;
  description.types = {{leads, record::v1::Record::USER, "", false}};
  description.units = {{example::Id(1), {}}};
  access::RoleRow role;
  role.id = example::Id(2);
  role.privileges = {{leads, access::Right::kRead, access::Depth::kUser}};
  description.roles = {role};
  for (uint64_t i = 0; i < kOwners; ++i) {
    access::UserRow& user = description.users.emplace_back();
    user.id = Owner(i);
    user.unit = example::Id(1);
    user.roles = {role.id};
    user.seats = {"sales"};
  }
  return description;
}

struct Listed {
  std::vector<std::string> images;
  std::vector<int64_t> totals;
  bool operator==(const Listed&) const = default;
};

// All pages of the user's list.
Listed List(const store::View& view, const access::Subject& subject) {
  const record::RecordType& leads = example::Type("leads");
  Moment moment = Moment::At(view, example::BuiltIn(), *view.Tenant("velo"));
  const MomentRecords records(moment, example::BuiltIn());
  const access::Guard guard(&subject, records);
  moment.guard = &guard;
  const Plan plan{leads.FindIndex(kIndex), "", "", true};
  Listed listed;
  std::string after;
  do {
    const Page page = ReadGuardedPage(moment, leads, plan, after, kPageSize, true);
    listed.images.insert(listed.images.end(), page.images.begin(), page.images.end());
    listed.totals.push_back(page.total);
    after = page.last_key;
  } while (!after.empty());
  return listed;
}

bool IsBuilding(const store::View& view) {
  const record::RecordType& leads = example::Type("leads");
  const auto within_owners = static_cast<uint16_t>(leads.FindIndex(kIndex)->by_owner);
  view.Scan({view.Tenant("velo")->number, leads.number, within_owners, "", "", false});
  return !view.TakeMissing().empty();
}

void AwaitIndexes(const store::Store& store) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!store.building().empty() && std::chrono::steady_clock::now() < give_up)
    std::this_thread::yield();
  ASSERT_TRUE(store.building().empty());
}

// G an index within owners that is being built W a user's list needs it T it is what it will be
TEST(GuardedPage, IsWholeWhileItsIndexIsBeingBuilt) {
  const auto before = Before();
  const access::Organization organization(OneOfMany());
  const access::Subject& subject = organization.SubjectOf(organization.FindUser(Owner(7)));
  bool met = false;
  // Building may be over before anybody has looked.
  for (int attempt = 0; attempt < 20 && !met; ++attempt) {
    const auto store = Open(example::BuiltIn(), Filled(*before));
    const auto meanwhile = store->Snapshot();
    met = IsBuilding(*meanwhile);
    const Listed listed = List(*meanwhile, subject);
    EXPECT_EQ(meanwhile->TakeMissing(), "");
    EXPECT_EQ(listed.images.size(), kLeads / kOwners);
    AwaitIndexes(*store);
    const auto built = store->Snapshot();
    EXPECT_FALSE(IsBuilding(*built));
    EXPECT_EQ(listed, List(*built, subject));
    EXPECT_EQ(listed.totals.front(), static_cast<int64_t>(kLeads / kOwners));
  }
  EXPECT_TRUE(met);
}

}  // namespace
}  // namespace crm::query
