#include <gmock/gmock.h>
#include <google/protobuf/util/time_util.h>

#include <nlohmann/json.hpp>

#include "tests/acceptance/large_tree.h"

// Lists of which a page may be empty and not the last one.
namespace crm::test {
namespace {

using testing::HasSubstr;

constexpr char kUser[] = "ana@example.com";
constexpr char kTenant[] = "crmctl-pages";

// The moment at which a large delete has begun: all that goes with the record is hidden from then
// on, and is still there, however fast the delete goes.
std::string HidingTime(const Client& client, const Account& account) {
  EXPECT_TRUE(Delete<Account>(client, account.name(), true).ok());
  AwaitEvent(client, account.name(), "crm.sales.v1.account.deleted");
  for (const record::v1::Change& change : History<Account>(client, account.name())) {
    if (change.event().ends_with("deletion_started"))
      return google::protobuf::util::TimeUtil::ToString(change.time());
  }
  return "";
}

TEST(CrmctlPages, GoesOnAfterAnEmptyOne) {
  Server server({"--max-batch", "1000"});
  const Client client(server, kTenant, kUser);
  const Account account = Made(client, NewAccount("Velo Carpați"));
  AddTasks(client, account.name(), 1'100);
  Task last = NewTask(Made(client, NewLead("Ionescu")).name(), "The last");
  last.mutable_scheduled_end_time()->set_seconds(2'000'000'000);
  last = Made(client, last);
  const std::string time = HidingTime(client, account);
  ASSERT_NE(time, "");

  record::v1::ListRequest request;
  request.set_filter("owner = \"" + account.owner() + "\" AND state = \"STATE_OPEN\"");
  request.set_page_size(500);
  ASSERT_TRUE(google::protobuf::util::TimeUtil::FromString(time, request.mutable_read_time()));
  const auto page = List<Task>(client, request);
  ASSERT_TRUE(page.ok()) << page;
  ASSERT_TRUE(page.body.tasks().empty());
  ASSERT_NE(page.body.next_page_token(), "");

  const std::vector<std::string> list = {CRMCTL_PROGRAM, "-o",       "json",          "--as-of",
                                         time,           "list",     "tasks",         "--page-size",
                                         "500",          "--filter", request.filter()};
  const Environment environment = {"CRM_SERVER=" + server.target(),
                                   std::string("CRM_TENANT=") + kTenant,
                                   std::string("CRM_USER=") + kUser};
  std::vector<std::string> all = list;
  all.push_back("--all");
  const auto found = nlohmann::json::parse(test::Run(all, environment).output, nullptr, false);
  ASSERT_TRUE(found.is_array() && found.size() == 1) << found;
  EXPECT_EQ(found[0].value("name", ""), last.name());
  const Finished first = test::Run(list, environment);
  EXPECT_EQ(first.code, 0);
  EXPECT_THAT(first.output, HasSubstr("[]"));
  EXPECT_THAT(first.output, HasSubstr("there are more; --all lists them"));
}

}  // namespace
}  // namespace crm::test
