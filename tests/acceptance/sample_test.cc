#include <google/protobuf/util/time_util.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "tests/server/sales_records.h"

// The sample leads that tools/run offers, in a server that runs already.
namespace crm::test {
namespace {

using Counts = std::map<std::string, int64_t>;

constexpr char kUser[] = "admin@sample.example";

Finished ImportSample(const Environment& environment, const std::vector<std::string>& flags) {
  std::vector<std::string> command = {PROJECT_FOLDER "/tools/import-sample"};
  command.insert(command.end(), flags.begin(), flags.end());
  return Run(command, environment);
}

// `SOURCE_WEB STATUS_NEW` -> how many, over all pages.
Counts CountLeads(const Client& client) {
  Counts counts;
  record::v1::ListRequest request;
  request.set_page_size(1000);
  for (std::string token = "begin"; !token.empty();) {
    const auto page = List<Lead>(client, request);
    EXPECT_TRUE(page.ok()) << page;
    for (const Lead& lead : page.body.leads())
      ++counts[Lead::Source_Name(lead.lead_source()) + " " + Lead::Status_Name(lead.status())];
    token = page.body.next_page_token();
    request.set_page_token(token);
  }
  return counts;
}

Environment Importing(const std::string& tenant, const std::string& data) {
  return {"CRM_SERVER=" + Server::Shared().target(), "CRM_TENANT=" + tenant,
          "CRM_MAVEN_TENANT=" + tenant + "-maven",   std::string("CRM_USER=") + kUser,
          std::string("CRMCTL=") + CRMCTL_PROGRAM,   "CRM_DATA=" + data};
}

// Calls back with each record that a list shows, over all its pages.
template <class Record, class Visit>
void ForEach(const Client& client, record::v1::ListRequest request, Visit visit) {
  request.set_page_size(1000);
  for (std::string token = "begin"; !token.empty();) {
    const auto page = List<Record>(client, request);
    ASSERT_TRUE(page.ok()) << page;
    const auto* field = page.body.GetDescriptor()->FindFieldByNumber(1);
    const auto* reflection = page.body.GetReflection();
    for (int i = 0; i < reflection->FieldSize(page.body, field); ++i)
      visit(static_cast<const Record&>(reflection->GetRepeatedMessage(page.body, field, i)));
    token = page.body.next_page_token();
    request.set_page_token(token);
  }
}

// What the server shows of the opportunities at the end of a day.
nlohmann::json OpportunitiesAt(const Client& client, const std::string& day) {
  Counts stages;
  int64_t won = 0;
  const std::map<std::string, std::string> closed = {{"STATE_WON", "Won"}, {"STATE_LOST", "Lost"}};
  for (const std::string state : {"STATE_OPEN", "STATE_WON", "STATE_LOST"}) {
    record::v1::ListRequest request;
    request.set_filter("state = \"" + state + '"');
    google::protobuf::util::TimeUtil::FromString(day + "T23:59:59Z", request.mutable_read_time());
    ForEach<Opportunity>(client, request, [&](const Opportunity& opportunity) {
      const std::string stage = closed.contains(state) ? closed.at(state) : opportunity.step_name();
      ++stages[stage];
      won += opportunity.actual_value().units();
    });
  }
  return {{"stages", stages}, {"won_total", won}};
}

void ExpectTheTruePast(const std::string& tenant, const nlohmann::json& expected) {
  const Client client(Server::Shared(), tenant, kUser);
  for (const auto& [day, counts] : expected["as_of"].items())
    EXPECT_EQ(OpportunitiesAt(client, day), counts) << day;
  EXPECT_EQ(Count<Account>(client), expected["accounts"].get<int64_t>());
  EXPECT_EQ(Count<Opportunity>(client), expected["opportunities"].get<int64_t>());
  // Who did it and when, as it was.
  record::v1::ListRequest first;
  first.set_filter("state = \"STATE_WON\"");
  first.set_page_size(1);
  const Opportunity won = List<Opportunity>(client, first).body.opportunities(0);
  EXPECT_EQ(won.update_user(), won.owner());
  EXPECT_EQ(google::protobuf::util::TimeUtil::ToString(won.update_time()).substr(0, 4), "2017");
  EXPECT_EQ(won.stages_size(), 2);
}

// Each of the persons who are there several times is found when somebody qualifies it.
void ExpectDuplicatesFound(const Client& client) {
  int found = 0;
  ForEach<Lead>(client, {}, [&](const Lead& lead) {
    if (lead.subject() != "Duplicate person") return;
    sales::v1::QualifyLeadRequest qualify;
    qualify.set_name(lead.name());
    qualify.set_create_contact(true);
    const auto answer =
        client.Call<sales::v1::QualifyLeadResponse>("/crm.sales.v1.Leads/QualifyLead", qualify);
    EXPECT_EQ(answer.reason, "DUPLICATES_DETECTED") << lead.email() << answer;
    ++found;
  });
  EXPECT_EQ(found, 70);
}

void ExpectCountsOfTheFiles(const std::string& tenant, const std::string& data) {
  const Environment environment = Importing(tenant, data);
  const Finished counted = ImportSample(environment, {"--counts"});
  ASSERT_EQ(counted.code, 0) << counted.output;
  const auto expected = nlohmann::json::parse(counted.output);
  const Finished imported = ImportSample(environment, {});
  ASSERT_EQ(imported.code, 0) << imported.output;
  const Client client(Server::Shared(), tenant, kUser);
  EXPECT_EQ(CountLeads(client), expected["lead_source_and_status"].get<Counts>());
  EXPECT_EQ(Count<Lead>(client), expected["total"].get<int64_t>());
  // The same by lists with filters.
  for (const auto& [source, count] : expected["lead_source"].get<Counts>()) {
    EXPECT_EQ(Count<Lead>(client, "lead_source = \"" + source + '"'), count) << source;
  }
  for (const auto& [status, count] : expected["status"].get<Counts>()) {
    EXPECT_EQ(Count<Lead>(client, "state = \"STATE_OPEN\" AND status = \"" + status + '"'), count)
        << status;
  }
  if (expected.contains("maven")) {
    ExpectTheTruePast(tenant + "-maven", expected["maven"]);
    ExpectDuplicatesFound(client);
  }
  // Importing once more adds nothing.
  const Client maven(Server::Shared(), tenant + "-maven", kUser);
  const auto before = std::pair(Verify(client), Verify(maven));
  EXPECT_EQ(ImportSample(environment, {}).code, 0);
  EXPECT_EQ(std::pair(Verify(client), Verify(maven)), before);
}

// The project's own, and those of the folder that CRM_DATA names, if it names one.
TEST(Sample, LeadsAreCountedAsInTheFiles) {
  ExpectCountsOfTheFiles("sample-own", "");
  const char* data = std::getenv("CRM_DATA");
  if (data != nullptr && *data != '\0')
    ExpectCountsOfTheFiles("sample-real", std::filesystem::absolute(data).string());
}

// Nobody builds against empty tables: each type has lived through everything that can happen to it.
TEST(Sample, TheDemonstrationHasEveryKindOfEvent) {
  Environment environment = Importing("sample-demo", "");
  environment.push_back("CRM_DEMO_TENANT=sample-demo");
  environment.push_back("CRM_DEMO_UNTIL=2026-11-20");
  const Finished loaded = ImportSample(environment, {"--demo"});
  ASSERT_EQ(loaded.code, 0) << loaded.output;
  EXPECT_NE(loaded.output.find("failed 0"), std::string::npos) << loaded.output;
  const Finished exported =
      test::Run({CRMCTL_PROGRAM, "--server", Server::Shared().target(), "--tenant", "sample-demo",
                 "--user", kUser, "events", "export"},
                {});
  ASSERT_EQ(exported.code, 0);
  std::set<std::string> events;
  std::set<std::string> users;
  int64_t shown = 0;
  std::istringstream lines(exported.output);
  for (std::string line; std::getline(lines, line); ++shown) {
    const auto change = nlohmann::json::parse(line);
    events.insert(change["event"].get<std::string>());
    users.insert(change["user"].get<std::string>());
  }
  EXPECT_GT(shown, 40'000);
  EXPECT_EQ(users.size(), 40u);
  // The golden files name every event; not every type can be unlinked, or hang under another.
  for (const auto& file : std::filesystem::directory_iterator(PROJECT_FOLDER "/tests/golden")) {
    const std::string event = file.path().stem().string();
    if (!event.starts_with("crm.") || event.starts_with("crm.event.")) continue;
    const std::string verb = event.substr(event.rfind('.') + 1);
    if (verb == "unlinked" || verb == "relinked" || verb == "reparented") continue;
    // Nor was it founded, so that there is nobody to share with.
    if (event.starts_with("crm.identity.") || event.starts_with("crm.activity.v1.share.")) continue;
    // Nor has the company anything with a thousand records under it.
    if (verb.find("deletion_") != std::string::npos || verb.find("merge_") != std::string::npos)
      continue;
    EXPECT_TRUE(events.contains(event)) << event;
  }
  EXPECT_NE(ImportSample(environment, {"--demo"}).output.find("already"), std::string::npos);
}

}  // namespace
}  // namespace crm::test
