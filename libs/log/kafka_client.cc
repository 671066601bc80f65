#include "libs/log/kafka_client.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace crm::log::kafka {
namespace {

// Names under which a secret may be given.
constexpr std::array<std::string_view, 6> kSecret = {"password", "secret", "pem",
                                                     "jaas",     "token",  "oauthbearer.config"};

// What the protocol rests on, under all the names that librdkafka knows it by (log.md, A1).
constexpr std::array<std::string_view, 45> kOurs = {
    "acks",
    "request.required.acks",
    "enable.idempotence",
    "enable.gapless.guarantee",
    "transactional.id",
    "message.timeout.ms",
    "delivery.timeout.ms",
    "max.in.flight",
    "max.in.flight.requests.per.connection",
    "message.send.max.retries",
    "retries",
    "linger.ms",
    "queue.buffering.max.ms",
    "queue.buffering.max.messages",
    "queue.buffering.max.kbytes",
    "queue.buffering.backpressure.threshold",
    "queuing.strategy",
    "partitioner",
    "sticky.partitioning.linger.ms",
    "message.max.bytes",
    "message.copy.max.bytes",
    "produce.offset.report",
    "delivery.report.only.error",
    "metadata.broker.list",
    "bootstrap.servers",
    "allow.auto.create.topics",
    "group.id",
    "group.instance.id",
    "partition.assignment.strategy",
    "enable.auto.commit",
    "auto.commit.enable",
    "enable.auto.offset.store",
    "auto.offset.reset",
    "offset.store.method",
    "offset.store.path",
    "enable.partition.eof",
    "isolation.level",
    "check.crcs",
    "fetch.wait.max.ms",
    "fetch.error.backoff.ms",
    "queued.min.messages",
    "queued.max.messages.kbytes",
    "topic.blacklist",
    "plugin.library.paths",
    "enabled_events",
};

bool IsSecret(std::string_view name) {
  return std::any_of(kSecret.begin(), kSecret.end(), [name](std::string_view part) {
    return name.find(part) != std::string_view::npos;
  });
}

KafkaLevel LevelOf(const RdKafka::Event& event) {
  if (event.type() == RdKafka::Event::EVENT_ERROR && event.fatal()) return KafkaLevel::kAlarm;
  if (event.type() != RdKafka::Event::EVENT_LOG) return KafkaLevel::kWarning;
  return event.severity() <= RdKafka::Event::EVENT_SEVERITY_WARNING ? KafkaLevel::kWarning
                                                                    : KafkaLevel::kInfo;
}

}  // namespace

Ears::Ears(const KafkaOptions& options) : tell_(options.tell) {
  for (const auto& [name, value] : options.config) {
    if (IsSecret(name) && !value.empty()) secrets_.push_back(value);
  }
}

std::string Ears::WithoutSecrets(std::string text) const {
  for (const std::string& secret : secrets_) {
    for (size_t at = 0; (at = text.find(secret, at)) != std::string::npos;) {
      text.replace(at, secret.size(), "[secret]");
      at += 8;
    }
  }
  return text;
}

void Ears::Tell(KafkaLevel level, const std::string& text) const {
  const std::lock_guard lock(mutex_);
  if (tell_) tell_(level, WithoutSecrets(text));
}

void Ears::Silence() {
  const std::lock_guard lock(mutex_);
  tell_ = nullptr;
}

void Ears::event_cb(RdKafka::Event& event) {
  if (event.type() == RdKafka::Event::EVENT_STATS) return;
  std::string text = event.str();
  if (event.type() == RdKafka::Event::EVENT_ERROR)
    text = RdKafka::err2str(event.err()) + ": " + text;
  Tell(LevelOf(event), text);
}

record::Result<std::unique_ptr<RdKafka::Conf>> NewConf(const KafkaOptions& options, Ears* ears,
                                                       const Settings& ours) {
  std::unique_ptr<RdKafka::Conf> conf(RdKafka::Conf::create(RdKafka::Conf::CONF_GLOBAL));
  Settings all = {{"client.id", "recall"},
                  {"socket.nagle.disable", "true"},
                  {"socket.keepalive.enable", "true"},
                  {"reconnect.backoff.ms", "50"},
                  {"reconnect.backoff.max.ms", "1000"}};
  for (const auto& [name, value] : options.config) {
    if (std::find(kOurs.begin(), kOurs.end(), name) != kOurs.end()) {
      return record::Error{options.names.config + ": the setting " + name +
                           " is the log's own and can not be changed"};
    }
    all.emplace_back(name, value);
  }
  all.emplace_back("bootstrap.servers", options.brokers);
  all.insert(all.end(), ours.begin(), ours.end());
  std::string why;
  for (const auto& [name, value] : all) {
    if (conf->set(name, value, why) != RdKafka::Conf::CONF_OK) {
      return record::Error{options.names.config + ": the setting " + name +
                           " is refused: " + ears->WithoutSecrets(why)};
    }
  }
  if (conf->set("event_cb", ears, why) != RdKafka::Conf::CONF_OK) return record::Error{why};
  return conf;
}

record::Error ErrorOf(const std::string& what, RdKafka::ErrorCode code) {
  return {what + ": " + RdKafka::err2str(code), true};
}

}  // namespace crm::log::kafka
