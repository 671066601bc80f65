#include "tests/kafka/replace_topic.h"

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <memory>

namespace crm::test {
namespace {

constexpr int kAnswerMs = 30'000;
constexpr auto kDeadline = std::chrono::seconds(120);

using Client = std::unique_ptr<rd_kafka_t, decltype(&rd_kafka_destroy)>;
using Queue = std::unique_ptr<rd_kafka_queue_t, decltype(&rd_kafka_queue_destroy)>;
using Event = std::unique_ptr<rd_kafka_event_t, decltype(&rd_kafka_event_destroy)>;

void Delete(rd_kafka_t* client, rd_kafka_queue_t* queue, const std::string& topic) {
  rd_kafka_DeleteTopic_t* deleted = rd_kafka_DeleteTopic_new(topic.c_str());
  rd_kafka_DeleteTopics(client, &deleted, 1, nullptr, queue);
  const Event answered(rd_kafka_queue_poll(queue, kAnswerMs), rd_kafka_event_destroy);
  rd_kafka_DeleteTopic_destroy(deleted);
}

bool Create(rd_kafka_t* client, rd_kafka_queue_t* queue, const std::string& topic) {
  char why[256] = "";
  rd_kafka_NewTopic_t* made = rd_kafka_NewTopic_new(topic.c_str(), 1, 1, why, sizeof why);
  rd_kafka_CreateTopics(client, &made, 1, nullptr, queue);
  const Event event(rd_kafka_queue_poll(queue, kAnswerMs), rd_kafka_event_destroy);
  rd_kafka_NewTopic_destroy(made);
  const auto* result = event ? rd_kafka_event_CreateTopics_result(event.get()) : nullptr;
  if (result == nullptr) return false;
  size_t count = 0;
  const auto** topics = rd_kafka_CreateTopics_result_topics(result, &count);
  return count == 1 && rd_kafka_topic_result_error(topics[0]) == RD_KAFKA_RESP_ERR_NO_ERROR;
}

}  // namespace

bool ReplaceTopic(const std::string& brokers, const std::string& topic) {
  char why[256] = "";
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "bootstrap.servers", brokers.c_str(), why, sizeof why);
  const Client client(rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why), rd_kafka_destroy);
  if (!client) return false;
  const Queue queue(rd_kafka_queue_new(client.get()), rd_kafka_queue_destroy);
  Delete(client.get(), queue.get(), topic);
  // A topic goes away only some time after the broker has said so.
  const auto end = std::chrono::steady_clock::now() + kDeadline;
  while (std::chrono::steady_clock::now() < end) {
    if (Create(client.get(), queue.get(), topic)) return true;
  }
  return false;
}

}  // namespace crm::test
