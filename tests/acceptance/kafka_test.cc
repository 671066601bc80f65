#include <gtest/gtest.h>
#include <signal.h>

#include <map>

#include "crm/sales/v1/event.pb.h"
#include "libs/log/memory_projection.h"
#include "tests/server/cluster.h"
#include "tests/server/filled.h"
#include "tests/server/sales_records.h"

// Rows about the events on Kafka, for those who read them with clients of their own.
namespace crm::test {
namespace {

constexpr char kTenant[] = "acme";

struct Event {
  log::Envelope envelope;
  sales::v1::Event value;
};

Event Parse(const std::string& body) {
  Event event;
  const auto parts = log::SplitBody(body);
  event.envelope.ParseFromString(std::string(parts->envelope));
  event.value.ParseFromString(std::string(parts->value));
  return event;
}

// Records by collection, from nothing but the events: who has an event is there, until its
// deletion.
std::map<std::string, int64_t> CountsOf(const std::vector<log::MemoryProjection>& partitions) {
  std::map<std::string, bool> there;
  for (const auto& partition : partitions) {
    for (const auto& commit : partition.commits) {
      for (const std::string& body : commit) {
        const auto parts = log::SplitBody(body);
        log::Envelope envelope;
        envelope.ParseFromString(std::string(parts->envelope));
        if (envelope.tenant() == kTenant) there[envelope.subject()] = !parts->value.empty();
      }
    }
  }
  std::map<std::string, int64_t> counts;
  for (const auto& [name, is_there] : there) {
    if (is_there) ++counts[name.substr(0, name.find('/'))];
  }
  return counts;
}

std::map<std::string, int64_t> CountsShownTo(const Client& client) {
  return {{"leads", Count<Lead>(client)},
          {"accounts", Count<Account>(client)},
          {"notes", Count<Note>(client)}};
}

void ChangeSomething(const Client& client, int round) {
  for (int i = 0; i < 20; ++i) {
    const Lead lead = Made(client, FullLead(round * 100 + i));
    Made(client, NewNote(lead.name(), "Called"));
    Made(client, NewAccount("Account " + std::to_string(i)));
    if (i % 3 == 0) {
      EXPECT_TRUE(Delete<Lead>(client, lead.name(), true).ok());
    }
    if (i % 6 == 0) {
      EXPECT_TRUE(Undelete<Lead>(client, lead.name()).ok());
    }
    // One that changes nothing, and one that is done already.
    EXPECT_FALSE(Delete<Lead>(client, "leads/" + IdOf(i)).ok());
  }
}

void ReplayAll(log::Log& log, std::vector<log::MemoryProjection>* partitions) {
  partitions->resize(Cluster::kPartitions);
  for (int i = 0; i < Cluster::kPartitions; ++i)
    Replay(log, i, &(*partitions)[static_cast<size_t>(i)]);
}

// | 193 | IX | Kafka events | G consumer at offset W replay T rebuilds identical counts |
TEST(Acceptance, R193_AConsumerRebuildsTheCounts) {
  Cluster cluster(1);
  const Client client(cluster[0], kTenant);
  const auto log = cluster.OpenLog();
  ASSERT_TRUE(log);
  ChangeSomething(client, 1);
  std::vector<log::MemoryProjection> reader;
  ReplayAll(*log, &reader);
  EXPECT_EQ(CountsOf(reader), CountsShownTo(client));
  // The reader goes on from the offset that it had reached; another begins at the beginning.
  ChangeSomething(client, 2);
  ReplayAll(*log, &reader);
  const auto shown = CountsShownTo(client);
  EXPECT_EQ(CountsOf(reader), shown);
  EXPECT_GT(shown.at("leads"), 20);
  std::vector<log::MemoryProjection> another;
  ReplayAll(*log, &another);
  EXPECT_EQ(CountsOf(another), shown);
}

// The partition of the tenant, as a reader finds it.
struct Read {
  int partition = -1;
  log::Automaton::State state;
  Event last_update;
};

Read ReadPartitionOf(log::Log& log) {
  Read read;
  for (int i = 0; i < Cluster::kPartitions; ++i) {
    log::MemoryProjection projection;
    Replay(log, i, &projection);
    for (const auto& commit : projection.commits) {
      Event event = Parse(commit.back());
      if (event.envelope.type() != "crm.sales.v1.lead.updated") continue;
      read = {i, projection.saved.back().state, std::move(event)};
    }
  }
  return read;
}

// What an owner that slept through its own replacement would still append: the next event under its
// claim.
void AppendAsZombie(log::Log& log, const Read& before) {
  Event event = before.last_update;
  event.envelope.set_seq(before.state.next_seq);
  event.envelope.set_commit_index(1);
  event.envelope.set_commit_count(1);
  event.envelope.set_request("zombie");
  event.value.mutable_lead()->set_subject("zombie");
  const auto producer = log.NewProducer(before.partition, [] {});
  producer->Send({{before.state.next_seq, std::make_shared<const std::string>(log::EncodeBody(
                                              event.envelope, event.value.SerializeAsString()))}});
  std::vector<log::Report> reports;
  while (reports.empty()) reports = producer->TakeReports();
  // Kafka takes it. That it does not count is the readers' rule, and so everybody's.
  EXPECT_EQ(reports.front().outcome, log::Report::Outcome::kWritten);
}

Outcome UpdateInTheEnd(const Client& client, const std::string& name, const std::string& subject) {
  Lead lead;
  lead.set_name(name);
  lead.set_subject(subject);
  auto request = RequestFor<sales::v1::UpdateLeadRequest>(lead);
  request.mutable_update_mask()->add_paths("subject");
  request.set_request_id(subject);
  Outcome outcome;
  do {
    outcome =
        client.Within(std::chrono::seconds(10)).CallInto(OneOf<Lead>("Update"), request, &lead);
  } while (MayBeTriedAgain(outcome));
  return outcome;
}

// | 212 | ES | Zombie writer fenced | G old owner of shard wakes W append T rejected; readers skip
// its records |
TEST(Acceptance, R212_AZombieWriterIsFenced) {
  Cluster cluster(2);
  const size_t owner = cluster.OwnerOf(kTenant);
  const Client zombie(cluster[owner], kTenant);
  const Client other(cluster[1 - owner], kTenant);
  const Lead lead = Made(other, NewLead("Popescu"));
  ASSERT_TRUE(UpdateInTheEnd(other, lead.name(), "before").ok());
  const auto log = cluster.OpenLog();
  ASSERT_TRUE(log);
  const Read before = ReadPartitionOf(*log);
  ASSERT_GE(before.partition, 0);

  cluster[owner].Signal(SIGSTOP);
  ASSERT_TRUE(UpdateInTheEnd(other, lead.name(), "successor").ok());
  AppendAsZombie(*log, before);
  cluster[owner].Signal(SIGCONT);

  // Whoever is asked shows what the successor did, and so does every reader of the topic.
  ASSERT_TRUE(UpdateInTheEnd(zombie, lead.name(), "after").ok());
  EXPECT_EQ(Get<Lead>(other, lead.name()).body.subject(), "after");
  log::MemoryProjection reader;
  EXPECT_GE(Replay(*log, before.partition, &reader).deposed, 1u);
  std::vector<std::string> subjects;
  for (const auto& commit : reader.commits) {
    const Event event = Parse(commit.back());
    if (event.envelope.type() == "crm.sales.v1.lead.updated")
      subjects.push_back(event.value.lead().subject());
  }
  EXPECT_EQ(subjects, (std::vector<std::string>{"before", "successor", "after"}));
  for (const auto& change : History<Lead>(other, lead.name())) {
    for (const auto& field : change.fields()) EXPECT_NE(field.to().text(), "zombie");
  }
  cluster.ExpectEqual({kTenant});
}

}  // namespace
}  // namespace crm::test
