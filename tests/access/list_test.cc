#include <gmock/gmock.h>

#include <algorithm>
#include <optional>
#include <random>
#include <set>

#include "tests/access/organization.h"
#include "tests/conformance/tested.h"

// A list is what deciding record by record gives, whatever way finds it: records that are looked at
// one after the other, ranges of owners that are merged, records that are put in order.
namespace crm::test {
namespace {

using testing::ElementsAreArray;

constexpr int kCallers = 9, kUsers = 45, kAccounts = 400, kOpportunities = 150, kAddresses = 100;
// A hundred records and more are looked at for such a page before another way is tried.
constexpr int kPageSize = 3;

struct Listing {
  std::string collection;
  std::string filter{};
  std::string order_by{};
};

// Users at every depth in a small tree of units, with managers, teams and shares; accounts,
// opportunities and addresses on them, of which most belong to few.
class RandomRecords {
 public:
  RandomRecords(const std::string& tenant, unsigned seed)
      : tenant_(tenant), organization_(tenant), random_(seed) {
    organization_.SetHierarchy(identity::v1::Tenant::HIERARCHY_MODEL_MANAGER, 2);
    std::vector<std::string> units = {organization_.root()};
    for (int i = 0; i < 4; ++i)
      units.push_back(organization_.Unit("Unit " + std::to_string(i), OneOf(units)));
    for (int i = 0; i < kUsers; ++i) AddUser(i, i < kCallers ? OneOf(units) : units.back());
    team_ = organization_.Team("Team", OneOf(units), {Named(0), Named(1)},
                               {organization_.Role("team", {{"accounts", 1}})});
    accounts_ = Add("accounts", kAccounts);
    Add("opportunities", kOpportunities);
    Add("customer_addresses", kAddresses);
    for (int i = 0; i < 20; ++i) Share();
  }

  const std::vector<Client>& clients() const { return clients_; }
  const std::vector<std::string>& NamesOf(const std::string& collection) const {
    return names_.at(collection);
  }
  std::string UserNamed(int number) const { return organization_.User(Named(number)).name(); }
  std::string team() const { return team_; }
  Tested TestedOf(const std::string& collection) const {
    return Tested(Schema::Shared(), *Schema::Shared().Find(collection), tenant_)
        .With(organization_.administrator());
  }
  // Gives some accounts to others.
  void Reassign() {
    for (int i = 0; i < 30; ++i) {
      const Outcome assigned = organization_.Assign(organization_.administrator(), OneOf(accounts_),
                                                    Named(Below(kUsers)));
      ASSERT_TRUE(assigned.ok()) << assigned;
    }
  }

 private:
  int Below(size_t size) {
    return static_cast<int>(std::uniform_int_distribution<size_t>(0, size - 1)(random_));
  }
  template <class Any>
  const Any& OneOf(const std::vector<Any>& all) {
    return all[static_cast<size_t>(Below(all.size()))];
  }
  static std::string Named(int user) { return "user" + std::to_string(user); }

  void AddUser(int number, const std::string& unit) {
    const int depth = number < kCallers ? 1 + number % 4 : 1;
    std::string& role = roles_[depth];
    if (role.empty()) {
      role = organization_.Role("depth " + std::to_string(depth),
                                {{"accounts", depth}, {"opportunities", 1 + depth % 2}});
    }
    const Client client = organization_.Signed(Named(number), unit, {role});
    users_.push_back(organization_.User(Named(number)).name());
    if (number >= kCallers) return;
    clients_.push_back(client);
    if (number % 3 == 2) organization_.SetManager(Named(number), Named(number - 1));
  }

  // Callers own few of the records.
  std::string SomeOwner() {
    if (Below(40) == 0) return team_;
    return users_[static_cast<size_t>(Below(8) == 0 ? Below(kCallers)
                                                    : kCallers + Below(kUsers - kCallers))];
  }

  std::vector<std::string> Add(const std::string& collection, int count) {
    Tested tested = TestedOf(collection);
    std::vector<std::string>& names = names_[collection];
    for (int i = 0; i < count;) {
      std::vector<std::string> items;
      for (; i < count && items.size() < 100; ++i) {
        if (!accounts_.empty()) tested.Use("accounts", OneOf(accounts_));
        Record record = tested.Minimal(100 + Below(60));
        if (collection != "customer_addresses") SetText(record.get(), "owner", SomeOwner());
        if (collection == "opportunities")
          SetText(record.get(), "parent_account", OneOf(accounts_));
        if (collection == "accounts" && !names.empty() && Below(4) == 0)
          SetText(record.get(), "parent_account", OneOf(names));
        items.push_back(Tested::CreateBytes(record->SerializeAsString(), {}));
      }
      const RecordsAnswer made = tested.BatchCreate(items);
      EXPECT_TRUE(made.ok()) << collection << ": " << made;
      for (const std::string& record : made.records) names.push_back(tested.Name(record));
    }
    return names;
  }

  void Share() {
    const auto shared = organization_.Share(organization_.administrator(), OneOf(accounts_),
                                            Named(Below(kCallers)), {record::v1::READ});
    EXPECT_TRUE(shared.ok()) << shared;
  }

  const std::string tenant_;
  Organization organization_;
  std::mt19937 random_;
  std::map<int, std::string> roles_;  // by depth
  std::vector<Client> clients_;
  std::vector<std::string> users_;
  std::string team_;
  std::map<std::string, std::vector<std::string>> names_;  // by collection
  std::vector<std::string> accounts_;
};

using ReadTime = const google::protobuf::Timestamp*;

std::set<std::string> Readable(const Tested& tested, const std::vector<std::string>& names,
                               ReadTime read_time) {
  std::set<std::string> readable;
  record::v1::GetRequest request;
  if (read_time != nullptr) *request.mutable_read_time() = *read_time;
  for (const std::string& name : names) {
    request.set_name(name);
    if (tested.Get(request).ok()) readable.insert(name);
  }
  return readable;
}

// `total`: how many it should say there are; nullopt: without asking.
std::vector<std::string> Listed(const Tested& tested, const Listing& listing, ReadTime read_time,
                                std::optional<size_t> total) {
  record::v1::ListRequest request;
  request.set_filter(listing.filter);
  request.set_order_by(listing.order_by);
  request.set_with_total_size(total.has_value());
  if (read_time != nullptr) *request.mutable_read_time() = *read_time;
  std::vector<std::string> listed;
  do {
    // Pages of different sizes are one list.
    request.set_page_size(listed.size() < 12 ? kPageSize : 50);
    const RecordsAnswer page = tested.List(request);
    EXPECT_TRUE(page.ok()) << page;
    EXPECT_EQ(page.total_size, static_cast<int64_t>(total.value_or(0)));
    for (const std::string& record : page.records) listed.push_back(tested.Name(record));
    request.set_page_token(page.next_page_token);
  } while (!request.page_token().empty());
  return listed;
}

void ExpectListed(const RandomRecords& world, const Listing& listing, ReadTime read_time) {
  SCOPED_TRACE(listing.collection + " where " + listing.filter + " by " + listing.order_by);
  const Tested all = world.TestedOf(listing.collection);
  std::vector<std::string> everything;
  for (const std::string& record : all.ListAll(listing.filter, listing.order_by, read_time))
    everything.push_back(all.Name(record));
  for (size_t i = 0; i < world.clients().size(); ++i) {
    SCOPED_TRACE("user " + std::to_string(i));
    const Tested tested = all.With(world.clients()[i]);
    const auto readable = Readable(tested, everything, read_time);
    std::vector<std::string> expected;
    std::copy_if(everything.begin(), everything.end(), std::back_inserter(expected),
                 [&](const std::string& name) { return readable.contains(name); });
    EXPECT_THAT(Listed(tested, listing, read_time, expected.size()), ElementsAreArray(expected));
    EXPECT_THAT(Listed(tested, listing, read_time, std::nullopt), ElementsAreArray(expected));
  }
}

std::vector<Listing> ListingsOf(const RandomRecords& world) {
  const std::string active = "state = STATE_ACTIVE";
  std::vector<Listing> listings = {{"accounts"},
                                   {"accounts", "", "create_time"},
                                   {"accounts", "", "display_name"},
                                   {"accounts", "", "display_name desc"},
                                   {"accounts", active, "display_name"},
                                   {"accounts", active, "display_name desc"},
                                   {"accounts", "", "owner"},
                                   {"accounts", "", "owner desc"},
                                   {"opportunities"},
                                   {"opportunities", "", "display_name"},
                                   {"opportunities", "state = STATE_OPEN", "estimated_close_date"},
                                   {"customer_addresses"}};
  for (const std::string& owner : {world.UserNamed(0), world.UserNamed(20), world.team()}) {
    listings.push_back({"accounts", "owner = \"" + owner + "\""});
    listings.push_back({"accounts", "owner = \"" + owner + "\"", "create_time desc"});
  }
  for (const std::string& name : {world.NamesOf("accounts")[0], world.NamesOf("accounts")[1]})
    listings.push_back({"opportunities", "parent_account = \"" + name + "\""});
  return listings;
}

TEST(AccessList, IsWhatDecidingRecordByRecordGives) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  const RandomRecords world("lists", seed);
  for (const Listing& listing : ListingsOf(world)) ExpectListed(world, listing, nullptr);
}

// By what was then, under today's rights.
TEST(AccessList, OfThePastIsWhatDecidingRecordByRecordGives) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  RandomRecords world("lists-past", seed);
  const auto newest =
      world.TestedOf("customer_addresses").Get(world.NamesOf("customer_addresses").back());
  const auto then =
      TimeIn(*Schema::Shared().Find("customer_addresses")->Parse(newest.body), "create_time");
  world.Reassign();
  for (const Listing& listing :
       {Listing{"accounts", "state = STATE_ACTIVE", "display_name"},
        Listing{"accounts", "", "owner"},
        Listing{"opportunities", "state = STATE_OPEN", "estimated_close_date desc"}}) {
    ExpectListed(world, listing, &then);
    ExpectListed(world, listing, nullptr);
  }
}

}  // namespace
}  // namespace crm::test
