#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace crm::store {

// What the projections need of a message; points into its body.
struct EventFacts {
  std::string_view type;
  std::string_view subject;
  std::string_view tenant;
  std::string_view client;
  std::string_view request;
  std::string_view request_hash;
  std::string_view outbox;
  std::string_view cause;
  int64_t time_us = 0;
  int64_t recorded_time_us = 0;
  std::string_view value;
};

// How commands name their client that are not anybody's: a reactor's, with its name behind it, and
// a timer's.
inline constexpr std::string_view kReactorClient = "reactor/";
inline constexpr std::string_view kTimerClient = "timer";
inline bool IsOwnClient(std::string_view client) {
  return client == kTimerClient || client.starts_with(kReactorClient);
}
// And those of an import, which may set a tenant's clock until somebody else has been there.
inline constexpr std::string_view kImportClient = "import";
inline bool IsInteractive(std::string_view client) {
  return client != kImportClient && !IsOwnClient(client);
}
// Whether the tenant's past can not be loaded any more. What reactors and timers did as a
// consequence of a loaded past belongs to it, and is as old.
bool EndsLoading(const EventFacts& event);

// nullopt when the body is none (log/record.h). Reads the envelope's bytes as they stand, in a
// tenth of the time that it takes to parse them into a message.
std::optional<EventFacts> ReadEvent(std::string_view body);

// The image in a service's root Event whose record has this number; empty for a deletion, nullopt
// when there is another record in it.
std::optional<std::string_view> ImageIn(std::string_view value, uint16_t type);

// `<source>/<number>` of a numbered command, split at the last slash.
struct OutboxEntry {
  std::string_view source;
  uint64_t number = 0;
};
std::optional<OutboxEntry> ParseOutbox(std::string_view outbox);

}  // namespace crm::store
