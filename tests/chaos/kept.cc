#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "libs/log/memory_projection.h"
#include "tests/analysts/documented.h"
#include "tests/chaos/load.h"
#include "tests/server/records.h"

// What must hold after every run, whatever had failed.
namespace crm::test {
// Commits by request id.
std::map<std::string, int> Load::CountInLog() {
  std::map<std::string, int> count;
  const auto log = cluster_.OpenLog();
  for (int partition = 0; log && partition < Cluster::kPartitions; ++partition) {
    log::MemoryProjection projection;
    Replay(*log, partition, &projection);
    for (const auto& commit : projection.commits) {
      log::Envelope envelope;
      envelope.ParseFromString(std::string(log::SplitBody(commit.back())->envelope));
      if (!envelope.request().empty()) ++count[envelope.request()];
    }
  }
  return count;
}

void Load::ExpectKept() {
  const auto in_log = CountInLog();
  for (const auto& [request, count] : in_log) EXPECT_EQ(count, 1) << request;
  for (const Subject& subject : subjects_) {
    std::map<std::string, int> shown;
    for (const auto& change : History<Lead>(Client(cluster_[0], subject.tenant), subject.name)) {
      for (const auto& field : change.fields()) {
        if (field.path() == "subject") ++shown[field.to().text()];
      }
    }
    for (const int64_t value : subject.acknowledged) {
      EXPECT_EQ(in_log.count("w" + std::to_string(value)), 1u) << value << " is not in the log";
      EXPECT_EQ(shown["v" + std::to_string(value)], 1) << value << " of " << subject.name;
    }
    EXPECT_TRUE(IsLinearizable(subject.history)) << Print(subject.history);
  }
}

void Load::ExpectAnalystsCountTheSame() {
  const TemporaryFolder folder;
  const auto descriptors = folder.path() / "recall.desc";
  const std::string answer = cluster_[0].Http("/descriptors.pb");
  const std::string end_of_headers = "\r\n\r\n";
  WriteText(descriptors, answer.substr(answer.find(end_of_headers) + end_of_headers.size()));
  const Finished replay =
      ReplayWithPython(cluster_.kafka().bootstrap(), cluster_.events(), descriptors);
  ASSERT_EQ(replay.code, 0) << replay.output;
  const auto counted = nlohmann::json::parse(replay.output);

  std::map<std::string, int> happened;
  for (const Subject& subject : subjects_) {
    for (const auto& change : History<Lead>(Client(cluster_[0], subject.tenant), subject.name))
      ++happened[change.event()];
  }
  EXPECT_EQ(counted["happened"], nlohmann::json(happened));
  std::map<std::string, int64_t> records;
  for (const std::string& tenant : Cluster::Tenants())
    records[tenant + "/leads"] = Count<Lead>(Client(cluster_[0], tenant));
  EXPECT_EQ(counted["records"], nlohmann::json(records));
}

}  // namespace crm::test
