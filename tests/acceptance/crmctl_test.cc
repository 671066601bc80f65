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

TEST_F(Crmctl, WritesNoFieldThatIsReadOnly) {
  const std::string lead = CreateLead("Ionescu");
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"state=disqualified", "state is read only: the type's commands change it, by crmctl call"},
      {"create_time=2026-01-01", "create_time is read only: the server sets it"},
      {"name=" + lead, "name is read only: create makes it of an --id, and it stays"},
      {"etag=1", "etag is read only: update compares it, by --etag"}};
  for (const auto& [assignment, text] : cases) {
    for (const auto& command : {std::vector<std::string>{"update", lead},
                                {"create", "leads", "subject=x", "last_name=y"}}) {
      std::vector<std::string> all = command;
      all.push_back(assignment);
      const Finished refused = Run(all);
      EXPECT_EQ(refused.code, 1) << assignment;
      EXPECT_EQ(refused.output, "crmctl: " + text + "\n");
    }
  }
  EXPECT_EQ(Json({"get", lead})["etag"], "1");
  EXPECT_EQ(Json({"list", "leads"}).size(), 1u);
}

// A record is written as it was read, but for what is read only.
TEST_F(Crmctl, LeavesOutWhatIsReadOnlyInJson) {
  const std::string lead = CreateLead("Ionescu");
  const TemporaryFolder folder;
  json read = Json({"get", lead});
  read["lastName"] = "Popescu";
  read["state"] = "STATE_DISQUALIFIED";
  const std::string file = (folder.path() / "lead.json").string();
  WriteText(file, read.dump());
  const Finished written = Run({"update", lead, "--json", file});
  EXPECT_EQ(written.code, 0) << written.output;
  EXPECT_THAT(written.output, HasSubstr("left out, as it is read only: create_time, "));
  EXPECT_THAT(written.output, HasSubstr("state"));
  const json after = Json({"get", lead});
  EXPECT_EQ(after["lastName"], "Popescu");
  EXPECT_EQ(after["state"], "STATE_OPEN");
  EXPECT_EQ(Run({"update", lead, "--json", file}).code, 5) << "its etag is of the record as read";
}

TEST_F(Crmctl, RefusesOptionsThatMakeNoSense) {
  EXPECT_THAT(Run({"--version"}).output, testing::StartsWith("crmctl "));
  for (const char* timeout : {"0", "-1", "nan", "1e300", "soon"}) {
    const Finished refused = Run({"--timeout", timeout, "list", "leads"});
    EXPECT_EQ(refused.code, 1) << timeout;
    EXPECT_THAT(refused.output, HasSubstr("--timeout")) << timeout;
  }
  const TemporaryFolder folder;
  const std::string file = (folder.path() / "leads").string();
  WriteText(file, "subject,last_name\nFair,Ionescu\n");
  const Finished unnamed = Run({"import", file, "--type", "leads", "--import-id", ""});
  EXPECT_EQ(unnamed.code, 1);
  EXPECT_THAT(unnamed.output, HasSubstr("--import-id: must not be empty"));
  const Finished mapped = Run({"import", file, "--type", "leads", "--import-id", "fair", "--map",
                               "last_name=last_name", "--map", "create_time:=2026-01-01"});
  EXPECT_EQ(mapped.code, 1);
  EXPECT_EQ(mapped.output, "crmctl: create_time is read only: the server sets it\n");
  EXPECT_EQ(Json({"list", "leads"}).size(), 0u);
}

TEST_F(Crmctl, NamesTheLineThatIsNoCall) {
  const TemporaryFolder folder;
  const std::string file = (folder.path() / "calls").string();
  const std::string good =
      R"({"call": "CreateLead", "request": {"lead": {"subject": "x", "last_name": "y"}}})";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"({"call": "Nope"})", "the server has no method \"Nope\""},
      {R"({"call": "CreateLead", "time": 5})", "\"time\" is no text"},
      {R"({"call": "CreateLead", "time": "soon"})", "\"soon\" is no time"},
      {R"({"request": {}})", "it has no \"call\""},
      {"CreateLead", "it is no JSON object"},
      {R"({"call": "CreateLead", "request": {"colour": 1}})", "the JSON is none of "}};
  for (const auto& [line, text] : cases) {
    WriteText(file, good + '\n' + good + '\n' + line + '\n');
    const Finished loaded = Run({"load", file, "--load-id", "past"});
    EXPECT_EQ(loaded.code, 1) << line;
    EXPECT_THAT(loaded.output, HasSubstr("crmctl: line 3: " + text)) << line;
    EXPECT_THAT(loaded.output, HasSubstr("done 1, already there 0, failed 0")) << line;
  }
}

TEST_F(Crmctl, SaysWhatItDidBeforeAQuoteThatIsNotClosed) {
  const TemporaryFolder folder;
  const std::string file = (folder.path() / "leads").string();
  WriteText(file, "subject,last_name\nFair,Ionescu\nFair,\"Pop\n");
  const Finished imported = Run({"import", file, "--type", "leads", "--import-id", "fair"});
  EXPECT_EQ(imported.code, 1);
  EXPECT_THAT(imported.output, HasSubstr("created 1, already there 0, failed 0"));
  EXPECT_THAT(imported.output, HasSubstr("begins in line 3 is not closed"));
}

TEST_F(Crmctl, SaysThatItNeedsReflection) {
  Server server({"--no-reflection"});
  const Finished listed = Run({"--server", server.target(), "list", "leads"});
  EXPECT_EQ(listed.code, 7);
  EXPECT_THAT(listed.output, testing::StartsWith("crmctl: UNIMPLEMENTED: the server does not offer "
                                                 "gRPC reflection"));
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
  const Finished checked = Run({"-o", "table", "delete", lead, "--force", "--validate-only"});
  EXPECT_EQ(checked.code, 0);
  EXPECT_THAT(checked.output, HasSubstr("would delete " + task));
  EXPECT_EQ(Run({"get", task}).code, 0);
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
