#include "tests/server/cluster.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>

#include "libs/log/kafka.h"
#include "libs/record/clock.h"
#include "tests/server/records.h"

namespace crm::test {
namespace {

using Time = std::chrono::steady_clock;
constexpr auto kDeadline = std::chrono::seconds(60);

std::string NewPrefix() {
  static std::atomic<int> count{0};
  return "c" + std::to_string(getpid()) + "-" + std::to_string(++count);
}

Answer<record::v1::VerifyResponse> VerifyAt(const Client& client, const std::string& position) {
  record::v1::VerifyRequest request;
  request.set_min_position(position);
  Answer<record::v1::VerifyResponse> answer;
  static_cast<Outcome&>(answer) =
      CallWithin(10'000, client, "/crm.record.v1.Verification/Verify", request, &answer.body);
  return answer;
}

// What the instance answers in the end.
Answer<record::v1::VerifyResponse> VerifyInTheEnd(const Client& client,
                                                  const std::string& position) {
  const auto end = Time::now() + kDeadline;
  while (true) {
    auto answer = VerifyAt(client, position);
    if (!MayBeTriedAgain(answer) || Time::now() > end) return answer;
  }
}

// Records of the log's own may come in between, and change nothing.
record::v1::VerifyResponse WithoutPosition(record::v1::VerifyResponse response) {
  response.clear_position();
  return response;
}

}  // namespace

Outcome CallWithin(int timeout_ms, const Client& client, const std::string& path,
                   const google::protobuf::Message& request, google::protobuf::Message* response) {
  grpc::ClientContext context;
  for (const auto& [key, value] : client.metadata()) context.AddMetadata(key, value);
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(timeout_ms));
  grpc::CompletionQueue queue;
  grpc::GenericStub stub(client.channel());
  auto call = stub.PrepareUnaryCall(&context, path, ToBuffer(request.SerializeAsString()), &queue);
  call->StartCall();
  grpc::ByteBuffer buffer;
  grpc::Status status;
  call->Finish(&buffer, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  Outcome outcome;
  outcome.code = status.error_code();
  outcome.message = status.error_message();
  if (status.ok()) response->ParseFromString(ToText(buffer));
  return outcome;
}

bool MayBeTriedAgain(const Outcome& outcome) {
  return outcome.code == grpc::StatusCode::UNAVAILABLE ||
         outcome.code == grpc::StatusCode::DEADLINE_EXCEEDED ||
         outcome.code == grpc::StatusCode::CANCELLED;
}

Cluster::Cluster(int instances, std::vector<std::string> flags, std::string brokers)
    : kafka_(Kafka::Shared()), prefix_(NewPrefix()) {
  std::vector<std::string> all = {
      "--log=kafka",
      "--kafka-brokers=" + (brokers.empty() ? kafka_.bootstrap() : brokers),
      "--kafka-replication=1",
      "--kafka-allow-unsafe",
      "--kafka-prefix=" + prefix_,
      "--partitions=" + std::to_string(kPartitions),
      "--token-key=the same for all of them"};
  all.insert(all.end(), flags.begin(), flags.end());
  for (int i = 0; i < instances; ++i) servers_.push_back(std::make_unique<Server>(all));
}

size_t Cluster::OwnerOf(const std::string& tenant) {
  const auto end = Time::now() + kDeadline;
  while (Time::now() < end) {
    for (size_t i = 0; i < servers_.size(); ++i) {
      if (!servers_[i]->IsRunning()) continue;
      // Marked as passed on already, so that it goes no further.
      const Client client = Client(*servers_[i], tenant).With({{"crm-forwarded", "test"}});
      if (VerifyAt(client, "").ok()) return i;
    }
  }
  ADD_FAILURE() << "nobody owns the partition of " << tenant;
  return 0;
}

std::unique_ptr<log::Log> Cluster::OpenLog() const {
  log::KafkaOptions options;
  options.brokers = kafka_.bootstrap();
  options.topic = prefix_ + ".sales.events";
  options.partitions = kPartitions;
  options.replicas = 1;
  options.allow_unsafe = true;
  auto log = log::OpenKafka(options);
  EXPECT_TRUE(log) << (log ? "" : log.error().text);
  return log ? std::move(log).value() : nullptr;
}

log::Follower::Counts Replay(log::Log& log, int partition, log::Projection* projection) {
  constexpr size_t kReadBytes = 4 << 20;
  const record::SystemClock clock;
  log::Follower follower(log, partition, *projection, clock, kReadBytes, {});
  EXPECT_EQ(follower.CheckStart(), log::Follower::Found::kSome) << follower.trouble();
  int64_t end = 0;
  while (follower.AskEnd(&end) == log::Follower::Found::kSome && follower.state().next < end) {
    follower.Read();
    follower.Apply();
  }
  EXPECT_EQ(follower.trouble(), "");
  return follower.counts();
}

void Cluster::ExpectEqual(const std::vector<std::string>& tenants) {
  for (const std::string& tenant : tenants) {
    const auto owner = VerifyInTheEnd(Client(*servers_[0], tenant), "");
    ASSERT_TRUE(owner.ok()) << owner;
    for (size_t i = 0; i < servers_.size(); ++i) {
      const Client standby = Client(*servers_[i], tenant)
                                 .With({{"crm-max-staleness", "60m"}, {"crm-forwarded", "test"}});
      const auto own = VerifyInTheEnd(standby, owner.body.position());
      ASSERT_TRUE(own.ok()) << "instance " << i << ": " << own;
      EXPECT_TRUE(Equal(WithoutPosition(own.body), WithoutPosition(owner.body)))
          << "instance " << i << " differs for " << tenant;
    }
  }
}

}  // namespace crm::test
