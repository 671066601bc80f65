#include <charconv>
#include <cstdio>
#include <map>

#include "libs/log/record.h"
#include "libs/record/uuid.h"

// An envelope as CloudEvents headers and back.
//
//   time  := RFC 3339, UTC, six decimals      claim := decimal number "." 16 hex digits of the id
//   uuid  := 36 characters, lower case        commit := index "/" count
//
// A field at its default has no header; headers that nobody here knows are kept as they are.
namespace crm::log {
namespace {

constexpr int64_t kDay = 86'400'000'000;
constexpr int64_t kSecond = 1'000'000;

struct Date {
  int64_t year;
  int month, day;
};

// Days since 1970-01-01 and back, in the proleptic Gregorian calendar, counted in eras of 400
// years that begin on the first of March.
Date DateOfDay(int64_t days) {
  days += 719'468;
  const int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const int64_t in_era = days - era * 146'097;
  const int64_t year = (in_era - in_era / 1460 + in_era / 36'524 - in_era / 146'096) / 365;
  const int64_t in_year = in_era - (365 * year + year / 4 - year / 100);
  const int64_t march = (5 * in_year + 2) / 153;
  const int month = static_cast<int>(march < 10 ? march + 3 : march - 9);
  return {year + era * 400 + (month <= 2), month,
          static_cast<int>(in_year - (153 * march + 2) / 5 + 1)};
}

int64_t DayOfDate(Date date) {
  const int64_t y = date.month <= 2 ? date.year - 1 : date.year;
  const int64_t era = (y >= 0 ? y : y - 399) / 400;
  const int64_t in_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
  const int64_t year = y - era * 400;
  return era * 146'097 + year * 365 + year / 4 - year / 100 + in_year - 719'468;
}

std::string TimeHeader(int64_t micros) {
  int64_t days = micros / kDay;
  int64_t rest = micros % kDay;
  if (rest < 0) {
    rest += kDay;
    --days;
  }
  const Date date = DateOfDay(days);
  const int64_t seconds = rest / kSecond;
  char text[64];
  std::snprintf(text, sizeof text, "%04lld-%02d-%02dT%02d:%02d:%02d.%06dZ",
                static_cast<long long>(date.year), date.month, date.day,
                static_cast<int>(seconds / 3600), static_cast<int>(seconds / 60 % 60),
                static_cast<int>(seconds % 60), static_cast<int>(rest % kSecond));
  return text;
}

bool ParseTime(const std::string& text, int64_t* micros) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, fraction = 0, end = 0;
  const int read = std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d.%6dZ%n", &year, &month, &day,
                               &hour, &minute, &second, &fraction, &end);
  if (read != 7 || static_cast<size_t>(end) != text.size()) return false;
  *micros = DayOfDate({year, month, day}) * kDay +
            (int64_t{hour} * 3600 + minute * 60 + second) * kSecond + fraction;
  return TimeHeader(*micros) == text;
}

template <class Number>
bool ParseNumber(std::string_view text, int base, Number* number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number, base);
  return !text.empty() && error == std::errc() && end == text.data() + text.size();
}

// Two numbers with a sign between them.
template <class First, class Second>
bool ParsePair(std::string_view text, char sign, int second_base, First* first, Second* second) {
  const size_t at = text.find(sign);
  return at != std::string_view::npos && ParseNumber(text.substr(0, at), 10, first) &&
         ParseNumber(text.substr(at + 1), second_base, second);
}

std::string UuidHeader(const std::string& bytes) {
  const auto uuid = record::Uuid::FromBytes(bytes);
  return uuid ? uuid->Text() : std::string();
}

bool ParseUuid(const std::string& text, std::string* bytes) {
  const auto uuid = record::Uuid::Parse(text);
  if (uuid) *bytes = std::string(uuid->Bytes());
  return uuid.has_value();
}

std::string ClaimHeader(const Envelope& envelope) {
  char text[64];
  std::snprintf(text, sizeof text, "%llu.%016llx",
                static_cast<unsigned long long>(envelope.claim()),
                static_cast<unsigned long long>(envelope.claim_id()));
  return text;
}

using Parse = bool (*)(const std::string&, Envelope*);

// Texts and bytes that are their own headers.
template <std::string* (Envelope::*mutable_field)()>
bool Copy(const std::string& value, Envelope* envelope) {
  *(envelope->*mutable_field)() = value;
  return true;
}

bool ReadClaimHeader(const std::string& value, Envelope* envelope) {
  uint64_t number = 0, id = 0;
  if (!ParsePair(value, '.', 16, &number, &id)) return false;
  envelope->set_claim(number);
  envelope->set_claim_id(id);
  return ClaimHeader(*envelope) == value;
}

bool ReadCommitHeader(const std::string& value, Envelope* envelope) {
  uint32_t index = 0, count = 0;
  if (!ParsePair(value, '/', 10, &index, &count)) return false;
  envelope->set_commit_index(index);
  envelope->set_commit_count(count);
  return true;
}

bool ReadTime(const std::string& value, Envelope* envelope) {
  int64_t micros = 0;
  const bool ok = ParseTime(value, &micros);
  envelope->set_time_us(micros);
  return ok;
}

bool ReadRecordedTime(const std::string& value, Envelope* envelope) {
  int64_t micros = 0;
  const bool ok = ParseTime(value, &micros);
  envelope->set_recorded_time_us(micros);
  return ok;
}

bool ReadSeq(const std::string& value, Envelope* envelope) {
  uint64_t seq = 0;
  const bool ok = ParseNumber(value, 10, &seq);
  envelope->set_seq(seq);
  return ok;
}

const std::map<std::string_view, Parse>& Parsers() {
  static const std::map<std::string_view, Parse> parsers = {
      {"ce_specversion", [](const std::string& v, Envelope*) { return v == "1.0"; }},
      {"content-type", [](const std::string& v, Envelope*) { return v == "application/protobuf"; }},
      {"ce_id", [](const std::string& v, Envelope* e) { return ParseUuid(v, e->mutable_id()); }},
      {"ce_source", Copy<&Envelope::mutable_source>},
      {"ce_type", Copy<&Envelope::mutable_type>},
      {"ce_subject", Copy<&Envelope::mutable_subject>},
      {"ce_time", ReadTime},
      {"ce_dataschema", Copy<&Envelope::mutable_dataschema>},
      {"ce_traceparent", Copy<&Envelope::mutable_traceparent>},
      {"ce_tenant", Copy<&Envelope::mutable_tenant>},
      {"ce_actor", Copy<&Envelope::mutable_actor>},
      {"ce_onbehalfof", Copy<&Envelope::mutable_on_behalf_of>},
      {"ce_client", Copy<&Envelope::mutable_client>},
      {"ce_command",
       [](const std::string& v, Envelope* e) { return ParseUuid(v, e->mutable_command()); }},
      {"ce_changed", Copy<&Envelope::mutable_changed>},
      {"ce_recordedtime", ReadRecordedTime},
      {"ce_claim", ReadClaimHeader},
      {"ce_seq", ReadSeq},
      {"ce_commit", ReadCommitHeader},
      {"ce_cause", Copy<&Envelope::mutable_cause>},
      {"ce_request", Copy<&Envelope::mutable_request>},
      {"ce_requesthash", Copy<&Envelope::mutable_request_hash>},
      {"ce_outbox", Copy<&Envelope::mutable_outbox>},
      {"ce_outcome", Copy<&Envelope::mutable_outcome>},
  };
  return parsers;
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

record::Result<Envelope> FromHeaders(const std::vector<Header>& headers) {
  Envelope envelope;
  bool specversion = false;
  for (const Header& header : headers) {
    const auto found = Parsers().find(header.name);
    if (found == Parsers().end()) {
      auto* kept = envelope.add_header();
      kept->set_name(header.name);
      kept->set_value(header.value);
    } else if (!found->second(header.value, &envelope)) {
      return record::Error{"header " + header.name + " has no valid value: " + header.value};
    }
    specversion = specversion || header.name == "ce_specversion";
  }
  if (!specversion) return record::Error{"header ce_specversion is missing"};
  if (envelope.type().empty()) return record::Error{"header ce_type is missing"};
  return envelope;
}

}  // namespace crm::log
