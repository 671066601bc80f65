#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "tests/server/records.h"

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

void ExpectCountsOfTheFiles(const std::string& tenant, const std::string& data) {
  const Environment environment = {"CRM_SERVER=" + Server::Shared().target(),
                                   "CRM_TENANT=" + tenant, std::string("CRM_USER=") + kUser,
                                   std::string("CRMCTL=") + CRMCTL_PROGRAM, "CRM_DATA=" + data};
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
  // Importing once more adds nothing.
  const auto before = Verify(client);
  EXPECT_EQ(ImportSample(environment, {}).code, 0);
  EXPECT_EQ(Verify(client), before);
}

TEST(Sample, OwnLeadsAreCountedAsInTheFile) { ExpectCountsOfTheFiles("sample-own", ""); }

TEST(Sample, RealLeadsAreCountedAsInTheFiles) {
  const char* data = std::getenv("CRM_DATA");
  if (data == nullptr || *data == '\0') GTEST_SKIP() << "CRM_DATA names no folder of real leads";
  ExpectCountsOfTheFiles("sample-real", std::filesystem::absolute(data).string());
}

}  // namespace
}  // namespace crm::test
