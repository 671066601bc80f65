#include "libs/log/kafka_topic.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <thread>

#include "libs/log/kafka_client.h"

namespace crm::log::kafka {
namespace {

using TopicSettings = std::map<std::string, std::string>;

constexpr int kTimeoutMs = 10'000;
constexpr auto kLeaderTimeout = std::chrono::seconds(30);
constexpr auto kLeaderPoll = std::chrono::milliseconds(20);
constexpr int kReplicasMin = 3;
constexpr int kInsyncMin = 2;
// A batch of librdkafka's is at most its message.max.bytes, a million, with what surrounds it.
constexpr int64_t kMessageBytesMin = 1'048'588;
const char kForever[] = "9223372036854775807";

using Event = std::unique_ptr<rd_kafka_event_t, decltype(&rd_kafka_event_destroy)>;
using Queue = std::unique_ptr<rd_kafka_queue_t, decltype(&rd_kafka_queue_destroy)>;
using AdminOptions =
    std::unique_ptr<rd_kafka_AdminOptions_t, decltype(&rd_kafka_AdminOptions_destroy)>;

record::Error Failed(const std::string& what, rd_kafka_resp_err_t code, const char* why) {
  return {what + ": " + (why != nullptr ? why : rd_kafka_err2str(code)), true};
}

// An admin call and its answer.
template <class Call>
record::Result<Event> Ask(RdKafka::Handle& client, const std::string& what, Call call) {
  rd_kafka_t* handle = client.c_ptr();
  const Queue queue(rd_kafka_queue_new(handle), rd_kafka_queue_destroy);
  const AdminOptions options(rd_kafka_AdminOptions_new(handle, RD_KAFKA_ADMIN_OP_ANY),
                             rd_kafka_AdminOptions_destroy);
  char why[256];
  rd_kafka_AdminOptions_set_request_timeout(options.get(), kTimeoutMs, why, sizeof why);
  call(handle, options.get(), queue.get());
  Event event(rd_kafka_queue_poll(queue.get(), kTimeoutMs * 2), rd_kafka_event_destroy);
  if (!event) return record::Error{what + ": no answer", true};
  const auto code = rd_kafka_event_error(event.get());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return Failed(what, code, rd_kafka_event_error_string(event.get()));
  }
  return event;
}

record::Result<TopicSettings> ReadSettings(RdKafka::Handle& client, const std::string& topic) {
  const std::string what = "can not read the settings of " + topic;
  auto event = Ask(client, what, [&](auto* handle, auto* options, auto* queue) {
    rd_kafka_ConfigResource_t* resource =
        rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str());
    rd_kafka_DescribeConfigs(handle, &resource, 1, options, queue);
    rd_kafka_ConfigResource_destroy(resource);
  });
  if (!event) return event.error();
  size_t count = 0;
  const auto** resources = rd_kafka_DescribeConfigs_result_resources(
      rd_kafka_event_DescribeConfigs_result(event->get()), &count);
  if (count != 1) return record::Error{what + ": no answer", true};
  const auto code = rd_kafka_ConfigResource_error(resources[0]);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return Failed(what, code, rd_kafka_ConfigResource_error_string(resources[0]));
  }
  TopicSettings settings;
  const auto** entries = rd_kafka_ConfigResource_configs(resources[0], &count);
  for (size_t i = 0; i < count; ++i) {
    const char* value = rd_kafka_ConfigEntry_value(entries[i]);
    settings[rd_kafka_ConfigEntry_name(entries[i])] = value != nullptr ? value : "";
  }
  return settings;
}

record::Result<record::Done> AskToCreate(RdKafka::Handle& client, const Topic& topic) {
  const std::string what = "can not create the topic " + topic.name;
  char why[256] = "";
  using New = std::unique_ptr<rd_kafka_NewTopic_t, decltype(&rd_kafka_NewTopic_destroy)>;
  const New made(
      rd_kafka_NewTopic_new(topic.name.c_str(), topic.partitions, topic.replicas, why, sizeof why),
      rd_kafka_NewTopic_destroy);
  if (!made) return record::Error{what + ": " + why};
  for (const auto& [name, value] : topic.settings) {
    rd_kafka_NewTopic_set_config(made.get(), name.c_str(), value.c_str());
  }
  auto event = Ask(client, what, [&](auto* handle, auto* options, auto* queue) {
    rd_kafka_NewTopic_t* one = made.get();
    rd_kafka_CreateTopics(handle, &one, 1, options, queue);
  });
  if (!event) return event.error();
  size_t count = 0;
  const auto** results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event->get()), &count);
  const auto code =
      count == 1 ? rd_kafka_topic_result_error(results[0]) : RD_KAFKA_RESP_ERR_UNKNOWN;
  // Somebody else may have been faster.
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR && code != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
    return Failed(what, code,
                  count == 1 ? rd_kafka_topic_result_error_string(results[0]) : nullptr);
  }
  return record::Done{};
}

}  // namespace

Topic EventsTopic(const KafkaOptions& options, int brokers) {
  Topic topic{
      options.topic, options.partitions, std::min(options.replicas, std::max(1, brokers)), {}};
  topic.settings = {{"cleanup.policy", "delete"},
                    {"retention.ms", "-1"},
                    {"retention.bytes", "-1"},
                    {"min.insync.replicas", topic.replicas >= kReplicasMin ? "2" : "1"},
                    {"unclean.leader.election.enable", "false"},
                    {"message.timestamp.type", "CreateTime"},
                    // A log that is copied keeps the times at which its events were recorded.
                    {"message.timestamp.before.max.ms", kForever},
                    {"message.timestamp.after.max.ms", kForever},
                    {"max.message.bytes", std::to_string(kMessageBytesMin)}};
  // A single broker's page cache is lost with the machine's power.
  if (topic.replicas == 1) topic.settings["flush.messages"] = "1";
  return topic;
}

record::Result<record::Done> CreateTopic(RdKafka::Handle& client, const Topic& topic) {
  auto created = AskToCreate(client, topic);
  if (!created) return created;
  const auto end = std::chrono::steady_clock::now() + kLeaderTimeout;
  while (std::chrono::steady_clock::now() < end) {
    const auto place = Place(client, topic.name);
    if (place && place->led) return record::Done{};
    std::this_thread::sleep_for(kLeaderPoll);
  }
  return record::Error{"the topic " + topic.name + " has partitions without a leader", true};
}

record::Result<record::Done> Reach(RdKafka::Handle& client) {
  const rd_kafka_metadata_t* answer = nullptr;
  const auto code = rd_kafka_metadata(client.c_ptr(), 0, nullptr, &answer, kTimeoutMs);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return record::Error{rd_kafka_err2str(code), true};
  rd_kafka_metadata_destroy(answer);
  return record::Done{};
}

record::Result<Placement> Place(RdKafka::Handle& client, const std::string& topic) {
  const rd_kafka_metadata_t* answer = nullptr;
  using Local = std::unique_ptr<rd_kafka_topic_t, decltype(&rd_kafka_topic_destroy)>;
  const Local local(rd_kafka_topic_new(client.c_ptr(), topic.c_str(), nullptr),
                    rd_kafka_topic_destroy);
  const auto code = rd_kafka_metadata(client.c_ptr(), 0, local.get(), &answer, kTimeoutMs);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return Failed("can not find the topic " + topic, code, nullptr);
  }
  const std::unique_ptr<const rd_kafka_metadata_t, decltype(&rd_kafka_metadata_destroy)> metadata(
      answer, rd_kafka_metadata_destroy);
  Placement place;
  place.brokers = metadata->broker_cnt;
  if (metadata->topic_cnt != 1) return place;
  const rd_kafka_metadata_topic& found = metadata->topics[0];
  if (found.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) return place;
  if (found.err != RD_KAFKA_RESP_ERR_NO_ERROR &&
      found.err != RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE) {
    return Failed("can not find the topic " + topic, found.err, nullptr);
  }
  place.partitions = found.partition_cnt;
  place.led = found.partition_cnt > 0;
  for (int i = 0; i < found.partition_cnt; ++i) {
    const rd_kafka_metadata_partition& partition = found.partitions[i];
    place.replicas =
        i == 0 ? partition.replica_cnt : std::min(place.replicas, partition.replica_cnt);
    place.led = place.led && partition.leader >= 0;
  }
  return place;
}

std::vector<std::string> UnsafeSettings(const TopicSettings& settings, int replicas) {
  std::vector<std::string> unsafe;
  auto value = [&settings](const char* name) {
    const auto found = settings.find(name);
    return found == settings.end() ? std::string() : found->second;
  };
  auto expect = [&](const char* name, const std::string& wanted, const char* else_what) {
    if (value(name) == wanted) return;
    unsafe.push_back(std::string(name) + " is " + value(name) + " and must be " + wanted + ", or " +
                     else_what);
  };
  auto at_least = [&](const char* name, int64_t wanted, const char* else_what) {
    if (std::atoll(value(name).c_str()) >= wanted) return;
    unsafe.push_back(std::string(name) + " is " + value(name) + " and must be at least " +
                     std::to_string(wanted) + ", or " + else_what);
  };
  expect("cleanup.policy", "delete", "the log loses what it rests on");
  expect("retention.ms", "-1", "old events are deleted");
  expect("retention.bytes", "-1", "old events are deleted");
  expect("message.timestamp.type", "CreateTime", "messages lose the time of their events");
  expect("message.timestamp.before.max.ms", kForever, "old events can not be copied");
  expect("message.timestamp.after.max.ms", kForever,
         "a clock ahead of the broker's stops commands");
  expect("unclean.leader.election.enable", "false", "acknowledged commands may be lost");
  at_least("max.message.bytes", kMessageBytesMin, "the broker refuses what was decided");
  at_least("min.insync.replicas", kInsyncMin, "acknowledged commands are lost with one broker");
  if (replicas < kReplicasMin) {
    unsafe.push_back("a partition has " + std::to_string(replicas) + " replicas and must have " +
                     std::to_string(kReplicasMin) +
                     ", or acknowledged commands are lost with one broker");
  }
  if (replicas == 1) {
    expect("flush.messages", "1", "acknowledged commands are lost with the broker's power");
  }
  return unsafe;
}

record::Result<std::vector<std::string>> FindUnsafe(RdKafka::Handle& client,
                                                    const std::string& topic) {
  const auto place = Place(client, topic);
  if (!place) return place.error();
  if (place->partitions == 0) return record::Error{"the topic " + topic + " is not there", true};
  const auto settings = ReadSettings(client, topic);
  if (!settings) return settings.error();
  return UnsafeSettings(*settings, place->replicas);
}

}  // namespace crm::log::kafka
