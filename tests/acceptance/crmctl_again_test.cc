#include <gmock/gmock.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>
#include <future>
#include <nlohmann/json.hpp>
#include <regex>

#include "tests/server/records.h"

// What somebody does whose command was not answered.
namespace crm::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class CrmctlAgain : public testing::Test {
 protected:
  Finished Run(const std::vector<std::string>& arguments) {
    std::vector<std::string> command = {CRMCTL_PROGRAM, "-o", "json"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return test::Run(
        command, {"CRM_SERVER=" + server_.target(), "CRM_TENANT=acme", "CRM_USER=ana@example.com"});
  }
  size_t Leads() {
    const Finished listed = Run({"list", "leads"});
    const json leads = json::parse(listed.output, nullptr, false);
    EXPECT_TRUE(leads.is_array()) << listed.output;
    return leads.size();
  }

  Server server_;
};

TEST_F(CrmctlAgain, TellsTheRequestIdOfWhatMayHaveBeenCarriedOut) {
  const TemporaryFolder folder;
  const std::string pipe = (folder.path() / "request").string();
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  auto unanswered = std::async(std::launch::async, [&] {
    return Run({"--timeout", "1", "call", "CreateLead", "@" + pipe});
  });
  // It opens the pipe once the server has told it the methods.
  std::ofstream request(pipe);
  server_.Signal(SIGSTOP);
  request << R"({"lead": {"subject": "Bikes", "lastName": "Ionescu"}})";
  request.close();
  const Finished finished = unanswered.get();
  server_.Signal(SIGCONT);

  EXPECT_EQ(finished.code, 2);
  std::smatch found;
  ASSERT_TRUE(std::regex_search(
      finished.output, found, std::regex("may have been carried out.*request id ([0-9a-f-]{36})")))
      << finished.output;
  const std::string again =
      R"({"lead": {"subject": "Bikes", "lastName": "Ionescu"}, "requestId": ")" + found[1].str() +
      "\"}";
  EXPECT_EQ(Run({"call", "CreateLead", again}).code, 0);
  EXPECT_EQ(Leads(), 1u);
}

TEST_F(CrmctlAgain, DoesOnceWhatHasTheSameRequestId) {
  const std::vector<std::string> create = {
      "create", "leads", "subject=Bikes", "last_name=Ionescu", "--request-id", "fair-1"};
  const Finished first = Run(create);
  ASSERT_EQ(first.code, 0) << first.output;
  EXPECT_EQ(Run(create).output, first.output);
  const std::string name = json::parse(first.output).value("name", "");

  const std::vector<std::string> update = {"update", name, "rating=hot", "--request-id", "fair-2"};
  EXPECT_THAT(Run(update).output, HasSubstr("\"etag\": \"2\""));
  EXPECT_THAT(Run(update).output, HasSubstr("\"etag\": \"2\""));
  for (int i = 0; i < 2; ++i) EXPECT_EQ(Run({"delete", name, "--request-id", "fair-3"}).code, 0);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(Run({"undelete", name, "--request-id", "fair-4"}).code, 0);
  EXPECT_EQ(Run({"delete", name, "--request-id", "fair-4"}).code, 5) << "another command";
  EXPECT_EQ(Leads(), 1u);
}

TEST_F(CrmctlAgain, SaysNothingOfTheKindWhereNothingWasSent) {
  const Finished away = Run({"--server", "127.0.0.1:1", "--timeout", "1", "list", "leads"});
  EXPECT_EQ(away.code, 2);
  EXPECT_THAT(away.output, testing::Not(HasSubstr("may have been carried out")));
}

}  // namespace
}  // namespace crm::test
