#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/access/organization.h"

// crmctl's commands about rights, as an administrator types them.
namespace crm::test {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::HasSubstr;

Finished Ctl(const std::string& tenant, const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {CRMCTL_PROGRAM};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return test::Run(command, {"CRM_SERVER=" + Server::Shared().target(), "CRM_TENANT=" + tenant,
                             "CRM_USER=admin"});
}

json Json(const std::string& tenant, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"-o", "json"});
  const Finished finished = Ctl(tenant, arguments);
  EXPECT_EQ(finished.code, 0) << finished.output;
  return json::parse(finished.output, nullptr, false);
}

std::vector<std::string> TitlesIn(const json& roles) {
  std::vector<std::string> titles;
  for (const auto& role : roles) titles.push_back(role.value("role", ""));
  return titles;
}

TEST(AccessCtl, GrantsRolesAndTakesThemBack) {
  const std::string tenant = "ctl-grant";
  Organization organization(tenant);
  const Client ana = organization.Signed("ana", organization.root(), {});
  EXPECT_THAT(TitlesIn(Json(tenant, {"roles"})), Contains("Salesperson"));
  EXPECT_EQ(List<Account>(ana, {}).reason, "NO_ROLE");
  EXPECT_EQ(Ctl(tenant, {"grant", "ana", "salesperson"}).code, 0);
  EXPECT_TRUE(List<Account>(ana, {}).ok());
  EXPECT_THAT(TitlesIn(Json(tenant, {"roles", "ana"})), testing::ElementsAre("Salesperson"));
  EXPECT_EQ(Ctl(tenant, {"grant", "ana", "Salesperson", "--take-back"}).code, 0);
  EXPECT_EQ(List<Account>(ana, {}).reason, "NO_ROLE");
  EXPECT_EQ(Ctl(tenant, {"grant", "ana", "no such role"}).code, 1);
  EXPECT_EQ(Ctl(tenant, {"grant", "nobody", "Salesperson"}).code, 1);
}

TEST(AccessCtl, GivesSeatsAndReleasesThem) {
  const std::string tenant = "ctl-seats";
  Organization organization(tenant);
  const std::string own = organization.Role("own", {{"accounts", 1}});
  const Client ana = organization.Signed("ana", organization.root(), {own});
  EXPECT_EQ(Ctl(tenant, {"seat", "ana", "sales", "--take-back"}).code, 0);
  EXPECT_EQ(List<Account>(ana, {}).reason, "NO_SEAT");
  EXPECT_EQ(Ctl(tenant, {"seat", "ana", "service", "marketing"}).code, 0);
  const Outcome refused = Create(ana, NewAccount("Velo"));
  EXPECT_EQ(refused.reason, "NO_SEAT");
  EXPECT_EQ(refused.facts, (std::map<std::string, std::string>{{"module", "sales"}}));
  EXPECT_EQ(Ctl(tenant, {"seat", "ana", "Sales"}).code, 0);
  EXPECT_TRUE(List<Account>(ana, {}).ok());
  EXPECT_NE(Ctl(tenant, {"seat", "ana", "no-such-module"}).code, 0);
  EXPECT_EQ(Ctl(tenant, {"seat", "nobody", "sales"}).code, 1);
}

// G somebody who may read some types W all events are exported T those of these, and the others are
// named
TEST(AccessCtl, ExportsWhatTheCallerMayRead) {
  const std::string tenant = "ctl-export";
  Organization organization(tenant);
  const std::string own = organization.Role("own", {{"accounts", 1}});
  const Client ana = organization.Signed("ana", organization.root(), {own});
  const Account account = Made(ana, NewAccount("Velo"));
  Made(organization.administrator(), NewAccount("Hidden"));
  const auto ctl = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--user", "ana", "events", "export"});
    return Ctl(tenant, arguments);
  };
  const Finished all = ctl({});
  EXPECT_EQ(all.code, 0) << all.output;
  EXPECT_THAT(all.output, HasSubstr(account.name()));
  EXPECT_THAT(all.output, testing::Not(HasSubstr("Hidden")));
  EXPECT_THAT(all.output, HasSubstr("left out: leads: "));
  EXPECT_NE(ctl({"--type", "leads"}).code, 0);
}

TEST(AccessCtl, SharesExplainsAndTellsWhoCan) {
  const std::string tenant = "ctl-share";
  Organization organization(tenant);
  const std::string own = organization.Role("own", {{"accounts", 1}});
  const Client ana = organization.Signed("ana", organization.root(), {own});
  organization.Signed("dan", organization.root(), {own});
  const std::string dan = organization.User("dan").name();
  const Account account = Made(ana, NewAccount("Velo"));
  const Finished no = Ctl(tenant, {"-o", "table", "explain", "dan", "read", account.name()});
  EXPECT_EQ(no.code, 0) << no.output;
  EXPECT_THAT(no.output, HasSubstr("no\n"));
  EXPECT_EQ(Json(tenant, {"who-can", "read", account.name()})["users"],
            json({organization.User("admin").name(), organization.User("ana").name()}));

  EXPECT_EQ(Ctl(tenant, {"share", account.name(), "dan", "read", "write"}).code, 0);
  const json yes = Json(tenant, {"explain", "dan", "read", account.name()});
  EXPECT_EQ(yes["allowed"], true);
  EXPECT_EQ(yes["steps"].back()["rule"], "share");
  EXPECT_THAT(Json(tenant, {"who-can", "write", account.name()})["users"], Contains(dan));

  EXPECT_EQ(Ctl(tenant, {"share", account.name(), "dan", "--take-back"}).code, 0);
  EXPECT_EQ(Json(tenant, {"explain", "dan", "read", account.name()})["allowed"], false);
  EXPECT_EQ(Ctl(tenant, {"share", account.name(), "dan", "dance"}).code, 1);
}

}  // namespace
}  // namespace crm::test
