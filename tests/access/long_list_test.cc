#include <gmock/gmock.h>

#include "tests/access/organization.h"

// Lists in an order that knows nothing of owners, of who may read few records, or so many that they
// are not put in order, while others' stand before them all.
namespace crm::test {
namespace {

using testing::ElementsAreArray;

constexpr int kOthers = 9'000, kFew = 20, kSome = 300, kMany = 20'500;
constexpr int kPageSize = 3;

class LongList : public testing::Test {
 protected:
  LongList() {
    const std::string own = organization_.Role("own", {{"leads", 1}});
    for (const char* name : {"others", "few", "some", "many"})
      clients_.emplace(name, organization_.Signed(name, organization_.root(), {own}));
    Add("others", "Aerial", kOthers);
    Add("few", "Bicycles", kFew);
    Add("some", "Cranes", kSome);
    Add("many", "Doors", kMany);
  }

  // `Aerial 00000` and so on.
  static std::string Titled(const std::string& title, int number) {
    const std::string digits = std::to_string(number);
    return title + " " + std::string(5 - digits.size(), '0') + digits;
  }

  void Add(const std::string& owner, const std::string& title, int count) {
    constexpr int kBatch = 200;
    for (int at = 0; at < count; at += kBatch) {
      sales::v1::BatchCreateLeadsRequest request;
      for (int i = at; i < std::min(at + kBatch, count); ++i) {
        Lead& lead = *request.add_requests()->mutable_lead();
        lead = NewLead("Pop");
        lead.set_company_name(Titled(title, i));
        lead.set_owner(organization_.User(owner).name());
      }
      const auto made = organization_.administrator().Call<sales::v1::BatchLeadsResponse>(
          "/crm.sales.v1.Leads/BatchCreateLeads", request);
      ASSERT_TRUE(made.ok()) << made;
    }
  }

  // Of the first pages.
  std::vector<std::string> Companies(const std::string& user, const std::string& order_by,
                                     int pages) {
    std::vector<std::string> companies;
    record::v1::ListRequest request;
    request.set_order_by(order_by);
    request.set_page_size(kPageSize);
    do {
      const auto page = List<Lead>(clients_.at(user), request);
      EXPECT_TRUE(page.ok()) << page;
      for (const Lead& lead : page.body.leads()) companies.push_back(lead.company_name());
      request.set_page_token(page.body.next_page_token());
    } while (--pages > 0 && !request.page_token().empty());
    return companies;
  }

  void Expect(const std::string& user, const std::string& title, int count, int pages) {
    SCOPED_TRACE(user);
    std::vector<std::string> first, last;
    for (int i = 0; i < std::min(count, pages * kPageSize); ++i) {
      first.push_back(Titled(title, i));
      last.push_back(Titled(title, count - 1 - i));
    }
    EXPECT_THAT(Companies(user, "company_name", pages), ElementsAreArray(first));
    EXPECT_THAT(Companies(user, "company_name desc", pages), ElementsAreArray(last));
  }

  Organization organization_{"long-list"};
  std::map<std::string, Client> clients_;
};

TEST_F(LongList, BeginsWithWhatMayBeRead) {
  Expect("others", "Aerial", kOthers, 4);
  Expect("few", "Bicycles", kFew, 100);
  Expect("some", "Cranes", kSome, 200);
  Expect("many", "Doors", kMany, 4);
  record::v1::ListRequest counted;
  counted.set_order_by("company_name");
  counted.set_page_size(kPageSize);
  counted.set_with_total_size(true);
  const auto total = [&](const std::string& user) {
    return List<Lead>(clients_.at(user), counted).body.total_size();
  };
  EXPECT_EQ(total("few"), kFew);
  EXPECT_EQ(total("some"), kSome);
  EXPECT_EQ(total("many"), kMany);
}

}  // namespace
}  // namespace crm::test
