#pragma once

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafkacpp.h>

#include <string>
#include <string_view>
#include <vector>

#include "libs/log/read_headers.h"
#include "libs/log/record.h"

// A message of the log as Kafka carries it: the envelope is headers, the value the message's value.
namespace crm::log::kafka {

// What a message is to every reader: the same body whoever wrote it. A message that is not one of
// ours has an empty body, which the automaton refuses.
class Decoder {
 public:
  Stored ToStored(const rd_kafka_message_t& message);

 private:
  // Used again for each message.
  std::vector<HeaderView> headers_;
  Envelope envelope_;
};

struct Parts {
  RdKafka::Headers* headers = nullptr;  // produce() takes it over
  std::string key;
  std::string_view value;  // points into the body
  int64_t timestamp_ms = 0;
};
Parts ToParts(const std::string& body);

}  // namespace crm::log::kafka
