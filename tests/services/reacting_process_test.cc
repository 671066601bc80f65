#include <gmock/gmock.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "tests/server/sales_records.h"

// Parked events of a running server, as an operator looks after them with crmctl.
namespace crm::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class ReactingProcess : public testing::Test {
 protected:
  ReactingProcess() : closed_(folder_.path() / "closed") {
    WriteText(closed_, "");
    setenv("CRM_TEST_CLOSED", closed_.c_str(), 1);
    server_ =
        std::make_unique<Server>(std::vector<std::string>{"--partitions=2"}, REACTING_PROGRAM);
  }

  Finished Reactor(std::vector<std::string> arguments) const {
    std::vector<std::string> command = {CRMCTL_PROGRAM, "-o", "json", "reactor"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return test::Run(command, {"CRM_SERVER=" + server_->target(), "CRM_TENANT=acme",
                               "CRM_USER=ana@example.com"});
  }
  json Welcome() const {
    const Finished listed = Reactor({"list", "--service", "sales"});
    const json all = json::parse(listed.output, nullptr, false);
    return all.is_array() && all.size() == 1 ? all[0] : json::object();
  }
  static bool Until(const std::function<bool()>& holds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(120);
    while (!holds()) {
      if (std::chrono::steady_clock::now() > end) return false;
    }
    return true;
  }
  std::string Create(const std::string& last_name, const std::string& company) const {
    Lead lead = NewLead(last_name);
    lead.set_company_name(company);
    return Made(Client(*server_, "acme"), lead).name();
  }
  std::string TitleOf(const std::string& name, const std::string& tenant = "acme") const {
    return Get<Lead>(Client(*server_, tenant), name).body.job_title();
  }
  bool Parked() const { return !Welcome().value("parked", "").empty(); }

  TemporaryFolder folder_;
  const std::filesystem::path closed_;
  std::unique_ptr<Server> server_;
};

TEST_F(ReactingProcess, AnOperatorRetriesAndSkipsWhatIsParked) {
  const std::string refused = Create("Pop", "Refused SRL");
  const std::string behind = Create("Ana", "Other SRL");
  ASSERT_TRUE(Until([&] { return Parked(); })) << server_->Output();
  EXPECT_EQ(Welcome().value("refusal", ""), "CLOSED: Not now.");
  EXPECT_TRUE(Until([&] {
    return server_->Output().find("a reactor has parked a tenant's events") != std::string::npos;
  }));
  EXPECT_EQ(TitleOf(behind), "");
  // Others do not wait.
  const Client other(*server_, "globex");
  const std::string elsewhere = Made(other, NewLead("Ion")).name();
  EXPECT_TRUE(Until([&] { return TitleOf(elsewhere, "globex") == "Welcome, Ion"; }));

  // Being parked outlives the process, and so does what is done about it.
  ASSERT_EQ(server_->Stop(), 0);
  server_->Start();
  ASSERT_TRUE(Until([&] { return Parked(); }));
  std::filesystem::remove(closed_);
  EXPECT_EQ(Reactor({"retry", "welcome", "--service", "sales"}).code, 0);
  EXPECT_TRUE(Until([&] { return TitleOf(refused) == "Welcome, Pop"; }));
  EXPECT_TRUE(Until([&] { return TitleOf(behind) == "Welcome, Ana"; }));

  WriteText(closed_, "");
  const std::string given_up = Create("Dan", "Refused SRL");
  const std::string next = Create("Eva", "Other SRL");
  ASSERT_TRUE(Until([&] { return Parked(); }));
  EXPECT_EQ(Reactor({"skip", "welcome", "--service", "sales"}).code, 0);
  EXPECT_TRUE(Until([&] { return TitleOf(next) == "Welcome, Eva"; }));
  EXPECT_EQ(TitleOf(given_up), "");
  const Finished again = Reactor({"skip", "welcome", "--service", "sales"});
  EXPECT_NE(again.code, 0);
  EXPECT_THAT(again.output, HasSubstr("NOT_PARKED"));
}

}  // namespace
}  // namespace crm::test
