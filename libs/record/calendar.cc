#include "libs/record/calendar.h"

#include <string_view>

namespace crm::record {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Reads exactly `digits` digits.
bool TakeDigits(std::string_view* text, size_t digits, int64_t* value) {
  if (text->size() < digits) return false;
  *value = 0;
  for (size_t i = 0; i < digits; ++i) {
    if (!IsDigit((*text)[i])) return false;
    *value = *value * 10 + ((*text)[i] - '0');
  }
  text->remove_prefix(digits);
  return true;
}

bool Take(std::string_view* text, std::string_view any_of) {
  if (text->empty() || any_of.find(text->front()) == std::string_view::npos) return false;
  text->remove_prefix(1);
  return true;
}

// `Z` or `+02:00`, in seconds.
std::optional<int64_t> TakeOffset(std::string_view* text) {
  if (Take(text, "Zz")) return 0;
  bool minus = !text->empty() && text->front() == '-';
  int64_t hours = 0, minutes = 0;
  if (!Take(text, "+-") || !TakeDigits(text, 2, &hours) || !Take(text, ":") ||
      !TakeDigits(text, 2, &minutes) || hours > 23 || minutes > 59) {
    return std::nullopt;
  }
  int64_t seconds = hours * 3600 + minutes * 60;
  return minus ? -seconds : seconds;
}

}  // namespace

bool IsDay(int64_t year, int64_t month, int64_t day) {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1) return false;
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return day <= kDays[month - 1] + (month == 2 && leap ? 1 : 0);
}

int64_t DaysFromCivil(int64_t year, unsigned month, unsigned day) {
  // Howard Hinnant's algorithm: years begin in March, so that the leap day is the last.
  year -= month <= 2 ? 1 : 0;
  int64_t era = (year >= 0 ? year : year - 399) / 400;
  unsigned of_era = static_cast<unsigned>(year - era * 400);
  unsigned of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  unsigned day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
  return era * 146'097 + int64_t{day_of_era} - 719'468;
}

std::optional<Instant> ParseTime(std::string_view text) {
  int64_t year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, micros = 0;
  if (!TakeDigits(&text, 4, &year) || !Take(&text, "-") || !TakeDigits(&text, 2, &month) ||
      !Take(&text, "-") || !TakeDigits(&text, 2, &day) || !Take(&text, "Tt ") ||
      !TakeDigits(&text, 2, &hour) || !Take(&text, ":") || !TakeDigits(&text, 2, &minute) ||
      !Take(&text, ":") || !TakeDigits(&text, 2, &second)) {
    return std::nullopt;
  }
  if (!IsDay(year, month, day) || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  if (Take(&text, ".")) {
    int64_t unit = 100'000;
    if (text.empty() || !IsDigit(text[0])) return std::nullopt;
    for (; !text.empty() && IsDigit(text[0]); text.remove_prefix(1), unit /= 10)
      micros += (text[0] - '0') * unit;
  }
  auto offset = TakeOffset(&text);
  if (!offset || !text.empty()) return std::nullopt;
  int64_t days = DaysFromCivil(year, static_cast<unsigned>(month), static_cast<unsigned>(day));
  int64_t seconds = days * 86'400 + hour * 3600 + minute * 60 + second - *offset;
  return seconds * 1'000'000 + micros;
}

}  // namespace crm::record
