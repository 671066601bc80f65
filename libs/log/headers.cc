#include <array>

#include "libs/log/header_text.h"
#include "libs/log/read_headers.h"
#include "libs/log/record.h"

// An envelope as CloudEvents headers and back. A field at its default has no header; headers that
// nobody here knows are kept as they are.
namespace crm::log {
namespace {

// Texts and bytes that are their own headers.
template <std::string* (Envelope::*mutable_field)()>
bool Copy(std::string_view value, Envelope* envelope) {
  (envelope->*mutable_field)()->assign(value);
  return true;
}

template <std::string* (Envelope::*mutable_field)()>
bool ReadUuid(std::string_view value, Envelope* envelope) {
  return ReadUuidHeader(value, (envelope->*mutable_field)());
}

template <void (Envelope::*set)(int64_t)>
bool ReadTime(std::string_view value, Envelope* envelope) {
  int64_t micros = 0;
  if (!ReadTimeHeader(value, &micros)) return false;
  (envelope->*set)(micros);
  return true;
}

struct Known {
  std::string_view name;
  bool (*read)(std::string_view value, Envelope* envelope);
};

// In the order in which they are written.
constexpr std::array<Known, 24> kKnown = {{
    {"ce_specversion", [](std::string_view value, Envelope*) { return value == "1.0"; }},
    {"ce_id", ReadUuid<&Envelope::mutable_id>},
    {"ce_source", Copy<&Envelope::mutable_source>},
    {"ce_type", Copy<&Envelope::mutable_type>},
    {"ce_subject", Copy<&Envelope::mutable_subject>},
    {"ce_time", ReadTime<&Envelope::set_time_us>},
    {"ce_dataschema", Copy<&Envelope::mutable_dataschema>},
    {"content-type",
     [](std::string_view value, Envelope*) { return value == "application/protobuf"; }},
    {"ce_traceparent", Copy<&Envelope::mutable_traceparent>},
    {"ce_tenant", Copy<&Envelope::mutable_tenant>},
    {"ce_actor", Copy<&Envelope::mutable_actor>},
    {"ce_onbehalfof", Copy<&Envelope::mutable_on_behalf_of>},
    {"ce_client", Copy<&Envelope::mutable_client>},
    {"ce_command", ReadUuid<&Envelope::mutable_command>},
    {"ce_changed", Copy<&Envelope::mutable_changed>},
    {"ce_recordedtime", ReadTime<&Envelope::set_recorded_time_us>},
    {"ce_claim", ReadClaimHeader},
    {"ce_seq", ReadSeqHeader},
    {"ce_commit", ReadCommitHeader},
    {"ce_cause", Copy<&Envelope::mutable_cause>},
    {"ce_request", Copy<&Envelope::mutable_request>},
    {"ce_requesthash", Copy<&Envelope::mutable_request_hash>},
    {"ce_outbox", Copy<&Envelope::mutable_outbox>},
    {"ce_outcome", Copy<&Envelope::mutable_outcome>},
}};

// The search begins at `from`, where a message written by us has it, or soon after it.
const Known* Find(std::string_view name, size_t from) {
  for (size_t i = 0; i < kKnown.size(); ++i) {
    const Known& known = kKnown[(from + i) % kKnown.size()];
    if (known.name == name) return &known;
  }
  return nullptr;
}

}  // namespace

std::vector<Header> ToHeaders(const Envelope& envelope) {
  std::vector<Header> headers;
  auto add = [&headers](const char* name, std::string value) {
    if (!value.empty()) headers.push_back({name, std::move(value)});
  };
  add("ce_specversion", "1.0");
  add("ce_id", UuidHeader(envelope.id()));
  add("ce_source", envelope.source());
  add("ce_type", envelope.type());
  add("ce_subject", envelope.subject());
  add("ce_time", envelope.time_us() ? TimeHeader(envelope.time_us()) : "");
  add("ce_dataschema", envelope.dataschema());
  add("content-type", "application/protobuf");
  add("ce_traceparent", envelope.traceparent());
  add("ce_tenant", envelope.tenant());
  add("ce_actor", envelope.actor());
  add("ce_onbehalfof", envelope.on_behalf_of());
  add("ce_client", envelope.client());
  add("ce_command", UuidHeader(envelope.command()));
  add("ce_changed", envelope.changed());
  add("ce_recordedtime",
      envelope.recorded_time_us() ? TimeHeader(envelope.recorded_time_us()) : "");
  add("ce_claim", ClaimHeader(envelope));
  add("ce_seq", std::to_string(envelope.seq()));
  if (envelope.commit_count() > 0) {
    add("ce_commit",
        std::to_string(envelope.commit_index()) + "/" + std::to_string(envelope.commit_count()));
  }
  add("ce_cause", envelope.cause());
  add("ce_request", envelope.request());
  add("ce_requesthash", envelope.request_hash());
  add("ce_outbox", envelope.outbox());
  add("ce_outcome", envelope.outcome());
  for (const auto& header : envelope.header()) headers.push_back({header.name(), header.value()});
  return headers;
}

record::Result<record::Done> ReadHeaders(std::span<const HeaderView> headers, Envelope* envelope) {
  envelope->Clear();
  bool specversion = false;
  size_t next = 0;
  for (const auto& [name, value] : headers) {
    const Known* const known = Find(name, next);
    if (known == nullptr) {
      auto* kept = envelope->add_header();
      kept->set_name(std::string(name));
      kept->set_value(std::string(value));
      continue;
    }
    if (!known->read(value, envelope)) {
      return record::Error{"header " + std::string(name) +
                           " has no valid value: " + std::string(value)};
    }
    specversion = specversion || known == kKnown.data();
    next = static_cast<size_t>(known - kKnown.data()) + 1;
  }
  if (!specversion) return record::Error{"header ce_specversion is missing"};
  if (envelope->type().empty()) return record::Error{"header ce_type is missing"};
  return record::Done{};
}

record::Result<Envelope> FromHeaders(const std::vector<Header>& headers) {
  std::vector<HeaderView> views;
  views.reserve(headers.size());
  for (const Header& header : headers) views.push_back({header.name, header.value});
  Envelope envelope;
  const auto read = ReadHeaders(views, &envelope);
  if (!read) return read.error();
  return envelope;
}

}  // namespace crm::log
