#include "libs/log/kafka_message.h"

#include <memory>
#include <utility>

#include "libs/record/check.h"

namespace crm::log::kafka {
namespace {

void ReadHeadersOf(const rd_kafka_message_t& message, std::vector<HeaderView>* headers) {
  headers->clear();
  rd_kafka_headers_t* all = nullptr;
  if (rd_kafka_message_headers(&message, &all) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  const char* name = nullptr;
  const void* value = nullptr;
  size_t size = 0;
  for (size_t i = 0;
       rd_kafka_header_get_all(all, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
    headers->push_back({name, {static_cast<const char*>(value), size}});
  }
}

}  // namespace

Stored Decoder::ToStored(const rd_kafka_message_t& message) {
  std::string body;
  ReadHeadersOf(message, &headers_);
  if (ReadHeaders(headers_, &envelope_)) {
    body = EncodeBody(envelope_, {static_cast<const char*>(message.payload), message.len});
  }
  return {message.offset, std::make_shared<const std::string>(std::move(body))};
}

Parts ToParts(const std::string& body) {
  const auto split = SplitBody(body);
  Envelope envelope;
  CRM_CHECK(split && envelope.ParseFromArray(split->envelope.data(),
                                             static_cast<int>(split->envelope.size())));
  Parts parts;
  parts.headers = RdKafka::Headers::create();
  for (const Header& header : ToHeaders(envelope)) parts.headers->add(header.name, header.value);
  parts.key = KeyOf(envelope);
  parts.value = split->value;
  parts.timestamp_ms = envelope.recorded_time_us() / 1000;
  return parts;
}

}  // namespace crm::log::kafka
