#include "libs/store/event.h"

#include <charconv>

#include "libs/log/record.h"
#include "libs/record/wire.h"

namespace crm::store {

std::optional<EventFacts> ReadEvent(std::string_view body) {
  using log::Envelope;
  const auto parts = log::SplitBody(body);
  if (!parts) return std::nullopt;
  EventFacts facts;
  facts.value = parts->value;
  record::WireReader reader(parts->envelope);
  while (reader.Next()) {
    switch (reader.number()) {
      case Envelope::kTypeFieldNumber:
        facts.type = reader.payload();
        break;
      case Envelope::kSubjectFieldNumber:
        facts.subject = reader.payload();
        break;
      case Envelope::kTenantFieldNumber:
        facts.tenant = reader.payload();
        break;
      case Envelope::kClientFieldNumber:
        facts.client = reader.payload();
        break;
      case Envelope::kRequestFieldNumber:
        facts.request = reader.payload();
        break;
      case Envelope::kRequestHashFieldNumber:
        facts.request_hash = reader.payload();
        break;
      case Envelope::kOutboxFieldNumber:
        facts.outbox = reader.payload();
        break;
      case Envelope::kCauseFieldNumber:
        facts.cause = reader.payload();
        break;
      case Envelope::kTimeUsFieldNumber:
        facts.time_us = static_cast<int64_t>(reader.varint());
        break;
      case Envelope::kRecordedTimeUsFieldNumber:
        facts.recorded_time_us = static_cast<int64_t>(reader.varint());
        break;
      default:
        break;
    }
  }
  if (!reader.ok()) return std::nullopt;
  return facts;
}

bool EndsLoading(const EventFacts& event) {
  constexpr int64_t kNowUs = 60'000'000;
  if (IsInteractive(event.client)) return true;
  return IsOwnClient(event.client) && event.recorded_time_us - event.time_us < kNowUs;
}

std::optional<std::string_view> ImageIn(std::string_view value, uint16_t type) {
  if (value.empty()) return value;
  record::WireReader reader(value);
  if (!reader.Next() || reader.number() != type || reader.type() != record::WireType::kBytes) {
    return std::nullopt;
  }
  return reader.payload();
}

std::optional<OutboxEntry> ParseOutbox(std::string_view outbox) {
  const auto slash = outbox.rfind('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto digits = outbox.substr(slash + 1);
  OutboxEntry entry{outbox.substr(0, slash), 0};
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), entry.number);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return entry;
}

}  // namespace crm::store
