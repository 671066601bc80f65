#include <gmock/gmock.h>

#include <algorithm>
#include <random>
#include <set>

#include "tests/access/organization.h"

// A list is what deciding record by record gives, whatever plan finds it.
namespace crm::test {
namespace {

using testing::ElementsAreArray;

constexpr int kUsers = 8, kRecords = 60;

// Users at every depth in a small tree of units, with managers, teams and shares; accounts and
// opportunities on them, of which each belongs to somebody.
class RandomRecords {
 public:
  RandomRecords(const std::string& tenant, unsigned seed) : organization_(tenant), random_(seed) {
    organization_.SetHierarchy(identity::v1::Tenant::HIERARCHY_MODEL_MANAGER, 2);
    std::vector<std::string> units = {organization_.root()};
    for (int i = 0; i < 4; ++i)
      units.push_back(organization_.Unit("Unit " + std::to_string(i), OneOf(units)));
    for (int i = 0; i < kUsers; ++i) AddUser(i, OneOf(units));
    team_ = organization_.Team("Team", OneOf(units), {Somebody(), Somebody()},
                               {organization_.Role("team", {{"accounts", 1}})});
    for (int i = 0; i < kRecords; ++i) AddRecords(i);
  }

  const std::vector<Client>& clients() const { return clients_; }
  const std::vector<std::string>& accounts() const { return accounts_; }
  const std::vector<std::string>& opportunities() const { return opportunities_; }

 private:
  int Below(size_t size) {
    return static_cast<int>(std::uniform_int_distribution<size_t>(0, size - 1)(random_));
  }
  template <class Any>
  const Any& OneOf(const std::vector<Any>& all) {
    return all[static_cast<size_t>(Below(all.size()))];
  }
  static std::string Named(int user) { return "user" + std::to_string(user); }
  std::string Somebody() { return Named(Below(kUsers)); }

  void AddUser(int number, const std::string& unit) {
    const int depth = 1 + number % 4;
    const std::string role = organization_.Role(
        "depth of " + Named(number), {{"accounts", depth}, {"opportunities", 1 + number % 2}});
    clients_.push_back(organization_.Signed(Named(number), unit, {role}));
    if (number % 3 == 2) organization_.SetManager(Named(number), Named(number - 1));
  }

  void AddRecords(int number) {
    Account account = NewAccount("Account " + std::to_string(number));
    account.set_owner(number % 7 == 0 ? team_ : organization_.User(Somebody()).name());
    if (!accounts_.empty() && number % 4 == 0) account.set_parent_account(OneOf(accounts_));
    accounts_.push_back(Made(organization_.administrator(), account).name());
    Opportunity opportunity =
        NewOpportunity("Opportunity " + std::to_string(number), OneOf(accounts_));
    opportunity.set_owner(organization_.User(Somebody()).name());
    opportunities_.push_back(Made(organization_.administrator(), opportunity).name());
    if (number % 5 != 0) return;
    const auto shared = organization_.Share(organization_.administrator(), OneOf(accounts_),
                                            Somebody(), {record::v1::READ});
    EXPECT_TRUE(shared.ok()) << shared;
  }

  Organization organization_;
  std::mt19937 random_;
  std::vector<Client> clients_;
  std::string team_;
  std::vector<std::string> accounts_;
  std::vector<std::string> opportunities_;
};

template <class Record, class Records>
void ExpectListed(const Client& client, const std::vector<std::string>& all, bool newest_first,
                  const Records& records) {
  std::vector<std::string> readable;
  for (const std::string& name : all) {
    if (Get<Record>(client, name).ok()) readable.push_back(name);
  }
  if (newest_first) std::reverse(readable.begin(), readable.end());
  record::v1::ListRequest request;
  request.set_page_size(7);
  request.set_with_total_size(true);
  request.set_order_by(newest_first ? "" : "create_time");
  std::vector<std::string> listed;
  do {
    const auto page = List<Record>(client, request);
    ASSERT_TRUE(page.ok()) << page;
    EXPECT_EQ(page.body.total_size(), static_cast<int64_t>(readable.size()));
    for (const Record& record : records(page.body)) listed.push_back(record.name());
    request.set_page_token(page.body.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(listed, ElementsAreArray(readable));
}

TEST(AccessList, IsWhatDecidingRecordByRecordGives) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  const RandomRecords world("lists", seed);
  for (size_t i = 0; i < world.clients().size(); ++i) {
    SCOPED_TRACE("user " + std::to_string(i));
    for (const bool newest_first : {true, false}) {
      ExpectListed<Account>(world.clients()[i], world.accounts(), newest_first,
                            [](const auto& body) { return body.accounts(); });
      ExpectListed<Opportunity>(world.clients()[i], world.opportunities(), newest_first,
                                [](const auto& body) { return body.opportunities(); });
    }
  }
}

}  // namespace
}  // namespace crm::test
