#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/server/records.h"

// Every command of crmctl as somebody types it, against a running server.
namespace crm::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class Crmctl : public testing::Test {
 protected:
  Finished Run(const std::vector<std::string>& arguments) {
    std::vector<std::string> command = {CRMCTL_PROGRAM};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return test::Run(command, {"CRM_SERVER=" + Server::Shared().target(), "CRM_TENANT=" + tenant_,
                               "CRM_USER=ana@example.com"});
  }
  // What it prints must be JSON.
  json Json(const std::vector<std::string>& arguments) {
    std::vector<std::string> all = {"-o", "json"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    const Finished finished = Run(all);
    EXPECT_EQ(finished.code, 0) << finished.output;
    json parsed = json::parse(finished.output, nullptr, false);
    EXPECT_FALSE(parsed.is_discarded()) << finished.output;
    return parsed;
  }
  std::string Create(const std::string& collection, const std::vector<std::string>& fields) {
    std::vector<std::string> command = {"create", collection};
    command.insert(command.end(), fields.begin(), fields.end());
    return Json(command).value("name", "");
  }
  std::string CreateLead(const std::string& last_name) {
    return Create("leads", {"subject=Bikes", "last_name=" + last_name, "rating=hot"});
  }

  const std::string tenant_ =
      std::string("crmctl-") + std::to_string(getpid()) + "-" +
      std::to_string(testing::UnitTest::GetInstance()->current_test_info()->line());
};

TEST_F(Crmctl, CreatesGetsUpdatesAndTellsTheHistory) {
  const std::string name = CreateLead("Ionescu");
  EXPECT_EQ(Json({"get", name})["rating"], "RATING_HOT");
  const Finished table = Run({"-o", "table", "get", name, "--fields", "last_name,rating"});
  EXPECT_THAT(table.output, HasSubstr("last_name  Ionescu"));
  EXPECT_THAT(table.output, Not(HasSubstr("subject")));

  EXPECT_EQ(Json({"update", name, "rating=cold", "address1.city=Iași"})["etag"], "2");
  EXPECT_EQ(Run({"update", name, "rating=warm", "--etag", "1"}).code, 5) << "stale";
  EXPECT_EQ(Run({"update", name, "address1.city="}).code, 0);
  const Finished history = Run({"-o", "table", "history", name});
  EXPECT_THAT(history.output, HasSubstr("rating: RATING_HOT -> RATING_COLD"));
  EXPECT_THAT(history.output, HasSubstr("address1.city: Iași -> (none)"));
  const std::string created = Json({"get", name}).value("createTime", "");
  EXPECT_EQ(Json({"--as-of", created, "get", name})["rating"], "RATING_HOT");
}

TEST_F(Crmctl, ListsInPagesAndAsOneArray) {
  for (const char* last_name : {"Barbu", "Albu", "Codru"}) CreateLead(last_name);
  const json all =
      Json({"list", "leads", "--order-by", "last_name,first_name", "--page-size", "2", "--all"});
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0]["lastName"], "Albu");
  EXPECT_EQ(all[2]["lastName"], "Codru");
  const Finished first = Run({"-o", "table", "list", "leads", "--page-size", "2"});
  EXPECT_THAT(first.output, HasSubstr("there are more; --all lists them"));
  EXPECT_EQ(Json({"list", "leads", "--filter", "last_name = \"Barbu\""}).size(), 1u);
}

TEST_F(Crmctl, DeletesWithForceAndBringsBack) {
  const std::string lead = CreateLead("Ionescu");
  const std::string task = Create("tasks", {"regarding=" + lead, "subject=Call"});
  EXPECT_THAT(Run({"-o", "table", "preview-delete", lead}).output,
              HasSubstr("would delete " + task));
  const Finished refused = Run({"delete", lead});
  EXPECT_EQ(refused.code, 5);
  EXPECT_THAT(refused.output, HasSubstr("tasks = 1"));
  EXPECT_EQ(Run({"delete", lead, "--force"}).code, 0);
  EXPECT_EQ(Run({"get", task}).code, 4);
  EXPECT_EQ(Json({"undelete", lead})["lastName"], "Ionescu");
  EXPECT_EQ(Json({"get", task})["subject"], "Call");
}

TEST_F(Crmctl, CallsAnyMethodByTheEndOfItsPath) {
  const std::string name = CreateLead("Ionescu");
  const std::string request = json({{"name", name}, {"status", "STATUS_LOST"}}).dump();
  EXPECT_EQ(Json({"call", "DisqualifyLead", request})["etag"], "2");
  EXPECT_EQ(Run({"call", "DisqualifyLead", request}).code, 5) << "it is already";
  EXPECT_EQ(Run({"call", "NoSuchMethod", "{}"}).code, 1);
}

TEST_F(Crmctl, FollowsWhatHappens) {
  const std::string name = CreateLead("Ionescu");
  const Finished exported = Run({"events", "export"});
  ASSERT_EQ(exported.code, 0) << exported.output;
  const json event = json::parse(exported.output);
  EXPECT_EQ(event["event"], "crm.sales.v1.lead.created");
  EXPECT_EQ(event["record"]["name"], name);
  Run({"update", name, "rating=cold"});
  const Finished rest = Run({"events", "export", "--type", "leads", "--from", event["position"]});
  EXPECT_EQ(json::parse(rest.output)["event"], "crm.sales.v1.lead.updated");

  const std::vector<std::vector<std::string>> followers = {{"watch", "leads", "--initial-state"},
                                                           {"events", "tail"}};
  for (const std::vector<std::string>& following : followers) {
    const TemporaryFolder folder;
    std::vector<std::string> command = {CRMCTL_PROGRAM,    "--server", Server::Shared().target(),
                                        "--tenant",        tenant_,    "--user",
                                        "ana@example.com", "-o",       "json"};
    command.insert(command.end(), following.begin(), following.end());
    const Process follower(command, folder.path() / "output");
    // A tail begins now, whenever that is: it sees one of these.
    std::string seen;
    for (int i = 0; i < 200 && seen.find("Urmărit") == std::string::npos; ++i) {
      CreateLead("Urmărit");
      seen = ReadText(folder.path() / "output");
    }
    EXPECT_THAT(seen, HasSubstr("Urmărit")) << following.front();
  }
}

TEST_F(Crmctl, VerifiesAndDescribesTheTypes) {
  CreateLead("Ionescu");
  const std::string printed = Run({"-o", "table", "verify"}).output;
  EXPECT_THAT(printed, HasSubstr("leads/record"));
  EXPECT_THAT(printed, HasSubstr("position "));
  EXPECT_EQ(Run({"-o", "table", "verify"}).output, printed);
  EXPECT_THAT(Run({"-o", "table", "types"}).output, HasSubstr("opportunities"));
  EXPECT_THAT(Run({"-o", "table", "types", "leads"}).output, HasSubstr("lead_source"));
}

TEST_F(Crmctl, CompletesInEachShell) {
  EXPECT_THAT(Run({"completion", "bash"}).output, HasSubstr("complete "));
  EXPECT_THAT(Run({"completion", "zsh"}).output, HasSubstr("compdef"));
  EXPECT_THAT(Run({"completion", "fish"}).output, HasSubstr("complete -c crmctl"));
  const TemporaryFolder folder;
  WriteText(folder.path() / "complete.sh",
            Run({"completion", "bash"}).output +
                "\nCOMP_WORDS=(crmctl pre); COMP_CWORD=1; "
                "$(complete -p crmctl | sed 's/.*-F \\([^ ]*\\).*/\\1/'); echo ${COMPREPLY[@]}\n");
  const Finished completed = test::Run({"/bin/bash", (folder.path() / "complete.sh").string()});
  EXPECT_THAT(completed.output, HasSubstr("preview-delete"));
}

TEST_F(Crmctl, SaysByItsExitCodeWhatWentWrong) {
  EXPECT_EQ(Run({"get"}).code, 1);
  EXPECT_EQ(Run({"get", "leads/01920000-0000-7000-8000-000000000001"}).code, 4);
  EXPECT_EQ(Run({"create", "leads", "subject=x", "email=nomail"}).code, 5);
  EXPECT_EQ(Run({"--server", "127.0.0.1:1", "--timeout", "1", "list", "leads"}).code, 2);
}

}  // namespace
}  // namespace crm::test
