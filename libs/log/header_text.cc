#include "libs/log/header_text.h"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "libs/record/uuid.h"

namespace crm::log {
namespace {

constexpr int64_t kDay = 86'400'000'000;
constexpr int64_t kSecond = 1'000'000;

struct Date {
  int64_t year;
  int month, day;
  bool operator==(const Date&) const = default;
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

// Digits only.
bool ReadDigits(std::string_view text, int* number) {
  *number = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '9') return false;
    *number = *number * 10 + (digit - '0');
  }
  return true;
}

bool IsClaimId(std::string_view text) {
  return text.size() == 16 && std::all_of(text.begin(), text.end(), [](char digit) {
           return (digit >= '0' && digit <= '9') || (digit >= 'a' && digit <= 'f');
         });
}

}  // namespace

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

bool ReadTimeHeader(std::string_view text, int64_t* micros) {
  constexpr std::string_view kForm = "0000-00-00T00:00:00.000000Z";
  if (text.size() != kForm.size()) return false;
  for (const size_t sign : {4, 7, 10, 13, 16, 19, 26}) {
    if (text[sign] != kForm[sign]) return false;
  }
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, fraction = 0;
  if (!ReadDigits(text.substr(0, 4), &year) || !ReadDigits(text.substr(5, 2), &month) ||
      !ReadDigits(text.substr(8, 2), &day) || !ReadDigits(text.substr(11, 2), &hour) ||
      !ReadDigits(text.substr(14, 2), &minute) || !ReadDigits(text.substr(17, 2), &second) ||
      !ReadDigits(text.substr(20, 6), &fraction)) {
    return false;
  }
  const Date date{year, month, day};
  const int64_t days = DayOfDate(date);
  if (DateOfDay(days) != date || hour > 23 || minute > 59 || second > 59) return false;
  *micros = days * kDay + (int64_t{hour} * 3600 + minute * 60 + second) * kSecond + fraction;
  return true;
}

std::string UuidHeader(const std::string& bytes) {
  const auto uuid = record::Uuid::FromBytes(bytes);
  return uuid ? uuid->Text() : std::string();
}

bool ReadUuidHeader(std::string_view text, std::string* bytes) {
  const auto uuid = record::Uuid::Parse(text);
  if (uuid) bytes->assign(uuid->Bytes());
  return uuid.has_value();
}

std::string ClaimHeader(const Envelope& envelope) {
  char text[64];
  std::snprintf(text, sizeof text, "%llu.%016llx",
                static_cast<unsigned long long>(envelope.claim()),
                static_cast<unsigned long long>(envelope.claim_id()));
  return text;
}

bool ReadClaimHeader(std::string_view text, Envelope* envelope) {
  const size_t point = text.find('.');
  if (point == std::string_view::npos || !IsClaimId(text.substr(point + 1))) return false;
  if (point > 1 && text.front() == '0') return false;
  uint64_t number = 0, id = 0;
  if (!ParsePair(text, '.', 16, &number, &id)) return false;
  envelope->set_claim(number);
  envelope->set_claim_id(id);
  return true;
}

bool ReadSeqHeader(std::string_view text, Envelope* envelope) {
  uint64_t seq = 0;
  if (!ParseNumber(text, 10, &seq)) return false;
  envelope->set_seq(seq);
  return true;
}

bool ReadCommitHeader(std::string_view text, Envelope* envelope) {
  uint32_t index = 0, count = 0;
  if (!ParsePair(text, '/', 10, &index, &count)) return false;
  envelope->set_commit_index(index);
  envelope->set_commit_count(count);
  return true;
}

}  // namespace crm::log
