#include <algorithm>
#include <memory>

#include "libs/log/kafka.h"
#include "libs/log/kafka_client.h"
#include "libs/log/kafka_topic.h"

namespace crm::log {
namespace {

constexpr int kTimeoutMs = 10'000;
const char kTopic[] = "crm.schemas";

class Delivery final : public RdKafka::DeliveryReportCb {
 public:
  void dr_cb(RdKafka::Message& message) override { code = message.err(); }
  RdKafka::ErrorCode code = RdKafka::ERR__TIMED_OUT;
};

record::Result<record::Done> Prepare(RdKafka::Handle& client, const KafkaOptions& options) {
  const auto place = kafka::Place(client, kTopic);
  if (!place) return place.error();
  if (place->partitions > 0) return record::Done{};
  kafka::Topic topic{kTopic, 1, std::min(options.replicas, std::max(1, place->brokers)), {}};
  topic.settings = {{"cleanup.policy", "compact"}};
  return kafka::CreateTopic(client, topic);
}

}  // namespace

record::Result<record::Done> PublishSchema(const KafkaOptions& options, const std::string& hash,
                                           const std::string& descriptor_set) {
  kafka::Ears ears(options);
  Delivery delivery;
  auto conf = kafka::NewConf(options, &ears, {{"acks", "all"}, {"enable.idempotence", "true"}});
  if (!conf) return conf.error();
  std::string why;
  if ((*conf)->set("dr_cb", static_cast<RdKafka::DeliveryReportCb*>(&delivery), why) !=
      RdKafka::Conf::CONF_OK) {
    return record::Error{why};
  }
  const std::unique_ptr<RdKafka::Producer> client(RdKafka::Producer::create(conf->get(), why));
  if (!client) return record::Error{"no Kafka producer: " + ears.WithoutSecrets(why)};
  auto prepared = Prepare(*client, options);
  if (!prepared) return prepared;
  const auto sent = client->produce(kTopic, 0, RdKafka::Producer::RK_MSG_COPY,
                                    const_cast<char*>(descriptor_set.data()), descriptor_set.size(),
                                    hash.data(), hash.size(), 0, nullptr);
  if (sent != RdKafka::ERR_NO_ERROR) return kafka::ErrorOf("can not publish the schema", sent);
  client->flush(kTimeoutMs);
  if (delivery.code != RdKafka::ERR_NO_ERROR) {
    return kafka::ErrorOf("can not publish the schema", delivery.code);
  }
  return record::Done{};
}

}  // namespace crm::log
