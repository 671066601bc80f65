#include <gmock/gmock.h>

#include "crm/record/v1/records.pb.h"
#include "tests/access/organization.h"

// What a role allows by name, beside rights on types, in the work of every day.
namespace crm::test {
namespace {

// Two users with every right on what is sold to whom; one has the privileges, too.
class Privilege : public testing::Test {
 protected:
  Privilege(const std::string& tenant, const std::vector<std::string>& privileges)
      : organization_(tenant),
        plain_(Signed("plain", {})),
        privileged_(Signed("privileged", privileges)) {}

  static void ExpectMissing(const Outcome& refused, const std::string& privilege) {
    EXPECT_EQ(refused.code, 7) << refused;
    EXPECT_EQ(refused.reason, "MISSING_PRIVILEGE") << refused;
    if (refused.facts.contains("privilege")) {
      EXPECT_EQ(refused.facts.at("privilege"), privilege);
    }
  }

  Organization organization_;
  const Client plain_;
  const Client privileged_;

 private:
  Client Signed(const std::string& name, const std::vector<std::string>& privileges) {
    const std::string all(8, '4');
    const std::vector<std::pair<std::string, std::string>> depths = {
        {"accounts", all}, {"contacts", all}, {"leads", all}};
    return organization_.Signed(name, organization_.root(),
                                {organization_.RoleOf(name, depths, privileges)});
  }
};

class Merging : public Privilege {
 protected:
  Merging() : Privilege("merging-privilege", {"MERGE"}) {}

  template <class Request, class Response>
  static Outcome Merge(const Client& by, const std::string& method, const std::string& master,
                       const std::string& subordinate) {
    Request request;
    request.set_name(master);
    request.set_subordinate(subordinate);
    return by.Call<Response>("/crm.sales.v1." + method, request);
  }
  template <class Request, class Response>
  static Outcome Unmerge(const Client& by, const std::string& method, const std::string& name) {
    Request request;
    request.set_name(name);
    return by.Call<Response>("/crm.sales.v1." + method, request);
  }
  template <class Record, class MergeRequest, class MergeResponse, class UnmergeRequest,
            class UnmergeResponse>
  void Try(const Record& first, const Record& second, const std::string& many) {
    const std::string master = Made(plain_, first).name();
    const std::string subordinate = Made(plain_, second).name();
    const std::string one = many.substr(0, many.size() - 1);
    const auto merge = [&](const Client& by) {
      return Merge<MergeRequest, MergeResponse>(by, many + "/Merge" + many, master, subordinate);
    };
    const auto unmerge = [&](const Client& by) {
      return Unmerge<UnmergeRequest, UnmergeResponse>(by, many + "/Unmerge" + one, subordinate);
    };
    ExpectMissing(merge(plain_), "MERGE");
    const Outcome merged = merge(privileged_);
    EXPECT_TRUE(merged.ok()) << merged;
    ExpectMissing(unmerge(plain_), "MERGE");
    const Outcome unmerged = unmerge(privileged_);
    EXPECT_TRUE(unmerged.ok()) << unmerged;
  }
};

// G no privilege to merge, and every right W records are merged, or a merge taken back T denied
TEST_F(Merging, AsksForIt) {
  Try<Account, sales::v1::MergeAccountsRequest, sales::v1::MergeAccountsResponse,
      sales::v1::UnmergeAccountRequest, sales::v1::UnmergeAccountResponse>(
      NewAccount("Velo"), NewAccount("Velo SRL"), "Accounts");
  Try<Contact, sales::v1::MergeContactsRequest, sales::v1::MergeContactsResponse,
      sales::v1::UnmergeContactRequest, sales::v1::UnmergeContactResponse>(
      NewContact("Ana", "Pop"), NewContact("Anna", "Pop"), "Contacts");
  Try<Lead, sales::v1::MergeLeadsRequest, sales::v1::MergeLeadsResponse,
      sales::v1::UnmergeLeadRequest, sales::v1::UnmergeLeadResponse>(NewLead("Pop"),
                                                                     NewLead("Popp"), "Leads");
}

class EditingMany : public Privilege {
 protected:
  EditingMany() : Privilege("editing-privilege", {"BULK_EDIT"}) {}

  static Outcome Rate(const Client& by, const std::vector<std::string>& names) {
    sales::v1::BatchUpdateLeadsRequest request;
    for (const std::string& name : names) {
      auto& one = *request.add_requests();
      one.mutable_lead()->set_name(name);
      one.mutable_lead()->set_rating(Lead::RATING_HOT);
      one.mutable_update_mask()->add_paths("rating");
    }
    return by.Call<sales::v1::BatchLeadsResponse>("/crm.sales.v1.Leads/BatchUpdateLeads", request);
  }
  static Outcome RateAny(const Client& by, const std::vector<std::string>& names) {
    record::v1::BatchUpdateRecordsRequest request;
    for (const std::string& name : names) {
      Lead lead;
      lead.set_name(name);
      lead.set_rating(Lead::RATING_COLD);
      auto& one = *request.add_requests();
      one.mutable_record()->PackFrom(lead);
      one.mutable_update_mask()->add_paths("rating");
    }
    return by.Call<record::v1::BatchRecordsResponse>("/crm.record.v1.Records/BatchUpdateRecords",
                                                     request);
  }
};

// G no privilege to edit in bulk W several records are changed by one call T denied, and nothing is
// changed; one record is no bulk
TEST_F(EditingMany, AsksForIt) {
  const std::string first = Made(plain_, NewLead("Pop")).name();
  const std::string second = Made(plain_, NewLead("Popp")).name();
  for (const auto& rate : {Rate, RateAny}) {
    ExpectMissing(rate(plain_, {first, second}), "BULK_EDIT");
    EXPECT_EQ(Get<Lead>(plain_, second).body.rating(), Lead::RATING_WARM);
  }
  EXPECT_TRUE(Rate(plain_, {first}).ok());
  for (const auto& rate : {Rate, RateAny}) {
    const Outcome changed = rate(privileged_, {first, second});
    EXPECT_TRUE(changed.ok()) << changed;
  }
  EXPECT_EQ(Get<Lead>(plain_, second).body.rating(), Lead::RATING_COLD);
}

}  // namespace
}  // namespace crm::test
