#include "libs/record/text.h"

#include <unicode/timezone.h>
#include <unicode/ucurr.h>

#include <algorithm>
#include <bitset>
#include <cstring>

namespace crm::record {
namespace {

// Function objects rather than functions, so that the algorithms that take them inline them.
constexpr auto IsDigit = [](char c) { return c >= '0' && c <= '9'; };
constexpr auto IsUpper = [](char c) { return c >= 'A' && c <= 'Z'; };
constexpr auto IsLetter = [](char c) { return IsUpper(static_cast<char>(c & ~0x20)); };
constexpr auto IsSpaceOrControl = [](char c) {
  return static_cast<uint8_t>(c) <= 0x20 || c == 0x7f;
};
constexpr auto Lower = [](char c) { return IsUpper(c) ? static_cast<char>(c - 'A' + 'a') : c; };

bool IsContinuation(uint8_t byte) { return (byte & 0xc0) == 0x80; }

// Length of the code point at `at`, or 0.
size_t Utf8Length(const uint8_t* at, size_t left) {
  uint8_t first = at[0];
  if (first < 0x80) return 1;
  if (first < 0xc2) return 0;
  if (first < 0xe0) return left >= 2 && IsContinuation(at[1]) ? 2 : 0;
  if (left < 3 || !IsContinuation(at[1]) || !IsContinuation(at[2])) return 0;
  if (first < 0xf0) {
    if (first == 0xe0 && at[1] < 0xa0) return 0;
    if (first == 0xed && at[1] > 0x9f) return 0;
    return 3;
  }
  if (left < 4 || first > 0xf4 || !IsContinuation(at[3])) return 0;
  if (first == 0xf0 && at[1] < 0x90) return 0;
  if (first == 0xf4 && at[1] > 0x8f) return 0;
  return 4;
}

// A quick look at eight bytes: c2 begins the control characters of two bytes, e2 the marks; few
// letters of any language begin with these.
bool MayHoldForbidden(uint64_t eight) {
  constexpr uint64_t kOnes = 0x0101010101010101, kHigh = 0x8080808080808080;
  // Most are printable ASCII: a byte below U+0020 borrows, U+007F overflows.
  if ((((eight - kOnes * ' ') | (eight + kOnes) | eight) & kHigh) == 0) return false;
  const auto below = [](uint64_t bytes, uint8_t limit) {
    return (bytes - kOnes * limit) & ~bytes & kHigh;
  };
  const auto has = [&](uint8_t byte) { return below(eight ^ (kOnes * byte), 1); };
  return (below(eight, ' ') | has(0x7f) | has(0xc2) | has(0xe2)) != 0;
}

std::optional<char32_t> ForbiddenAt(const uint8_t* at, const uint8_t* end, Lines lines) {
  const uint8_t first = at[0];
  if (first < ' ' || first == 0x7f) {
    const bool of_lines = first == '\t' || first == '\n' || first == '\r';
    return of_lines && lines == Lines::kMany ? std::nullopt : std::optional<char32_t>(first);
  }
  if (first == 0xc2 && end - at >= 2 && at[1] < 0xa0) return at[1];
  if (lines == Lines::kMany || first != 0xe2 || end - at < 3) return std::nullopt;
  const char32_t mark = 0x2000 + (at[1] & 0x3fu) * 0x40 + (at[2] & 0x3fu);
  const bool separates = mark == 0x2028 || mark == 0x2029;
  const bool directs = (mark >= 0x202a && mark <= 0x202e) || (mark >= 0x2066 && mark <= 0x2069);
  return separates || directs ? std::optional<char32_t>(mark) : std::nullopt;
}

bool IsEmail(std::string_view text) {
  size_t at = text.find('@');
  if (at == 0 || at == std::string_view::npos || text.find('@', at + 1) != std::string_view::npos)
    return false;
  if (std::any_of(text.begin(), text.end(), IsSpaceOrControl)) return false;
  std::string_view domain = text.substr(at + 1);
  return domain.find('.') != std::string_view::npos && domain.front() != '.' &&
         domain.back() != '.' && domain.find("..") == std::string_view::npos;
}

// Cuts `x123`, `ext. 123` and the like off; false when there are other letters.
bool CutExtension(std::string_view* text) {
  auto letter = std::find_if(text->begin(), text->end(), IsLetter);
  if (letter == text->end()) return true;
  std::string_view extension = text->substr(static_cast<size_t>(letter - text->begin()));
  auto end = std::find_if_not(extension.begin(), extension.end(), IsLetter);
  std::string word;
  std::transform(extension.begin(), end, std::back_inserter(word), Lower);
  if (word != "x" && word != "ext" && word != "extn" && word != "extension") return false;
  std::string_view digits = extension.substr(word.size());
  size_t from = digits.find_first_not_of(" .:#");
  if (from == std::string_view::npos ||
      digits.find_first_not_of("0123456789 ", from) != std::string_view::npos) {
    return false;
  }
  text->remove_suffix(extension.size());
  return true;
}

bool IsPhone(std::string_view text) {
  if (!CutExtension(&text)) return false;
  return std::count_if(text.begin(), text.end(), IsDigit) >= 2 &&
         text.find_first_not_of("0123456789 +-()./,;#*") == std::string_view::npos;
}

bool IsUrl(std::string_view text) {
  constexpr std::string_view kHttp = "http", kAfter = "://";
  auto same = [](char c, char lower) { return Lower(c) == lower; };
  if (text.size() < kHttp.size() ||
      !std::equal(kHttp.begin(), kHttp.end(), text.begin(),
                  [&](char lower, char c) { return same(c, lower); })) {
    return false;
  }
  text.remove_prefix(kHttp.size());
  if (!text.empty() && same(text[0], 's')) text.remove_prefix(1);
  if (!text.starts_with(kAfter)) return false;
  text.remove_prefix(kAfter.size());
  return !text.empty() && std::strchr("/?#:.", text[0]) == nullptr &&
         std::none_of(text.begin(), text.end(), IsSpaceOrControl);
}

bool IsLanguage(std::string_view text) {
  size_t part = 0, parts = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    if (i == text.size() || text[i] == '-') {
      if (part == 0 || part > 8 || (parts == 0 && part == 1)) return false;
      part = 0;
      ++parts;
      continue;
    }
    if (!IsLetter(text[i]) && (parts == 0 || !IsDigit(text[i]))) return false;
    ++part;
  }
  return true;
}

bool IsTimeZone(std::string_view text) {
  icu::UnicodeString canonical;
  UBool known = false;
  UErrorCode status = U_ZERO_ERROR;
  icu::TimeZone::getCanonicalID(
      icu::UnicodeString::fromUTF8({text.data(), static_cast<int32_t>(text.size())}), canonical,
      known, status);
  return U_SUCCESS(status) && known;
}

// All codes of three letters, as bits: a record has several amounts.
using Currencies = std::bitset<26 * 26 * 26>;

size_t CurrencyBit(std::string_view code) {
  size_t bit = 0;
  for (char c : code) bit = bit * 26 + static_cast<size_t>(c - 'A');
  return bit;
}

bool IsThreeLetters(std::string_view text) {
  return text.size() == 3 && IsUpper(text[0]) && IsUpper(text[1]) && IsUpper(text[2]);
}

Currencies LoadCurrencies() {
  Currencies currencies;
  UErrorCode status = U_ZERO_ERROR;
  UEnumeration* all = ucurr_openISOCurrencies(UCURR_ALL, &status);
  int32_t length = 0;
  while (const char* code = uenum_next(all, &length, &status)) {
    if (IsThreeLetters(code)) currencies.set(CurrencyBit(code));
  }
  uenum_close(all);
  return currencies;
}

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

bool IsUtf8(std::string_view text) {
  const auto* at = reinterpret_cast<const uint8_t*>(text.data());
  size_t left = text.size();
  while (left > 0) {
    uint64_t eight;
    if (left >= 8 && (std::memcpy(&eight, at, 8), (eight & 0x8080808080808080u) == 0)) {
      at += 8;
      left -= 8;
      continue;
    }
    size_t length = Utf8Length(at, left);
    if (length == 0) return false;
    at += length;
    left -= length;
  }
  return true;
}

std::optional<char32_t> FindForbidden(std::string_view text, Lines lines) {
  const auto* at = reinterpret_cast<const uint8_t*>(text.data());
  const uint8_t* const end = at + text.size();
  while (at < end) {
    const uint8_t* next = at + 1;
    if (end - at >= 8) {
      uint64_t eight = 0;
      std::memcpy(&eight, at, 8);
      next = at + 8;
      if (!MayHoldForbidden(eight)) at = next;
    }
    for (; at < next; ++at) {
      if (auto forbidden = ForbiddenAt(at, end, lines)) return forbidden;
    }
  }
  return std::nullopt;
}

size_t CodePoints(std::string_view text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return !IsContinuation(static_cast<uint8_t>(c)); }));
}

std::string Quote(std::string_view text, size_t bytes) {
  std::string quoted;
  while (!text.empty() && quoted.size() < bytes) {
    size_t length = Utf8Length(reinterpret_cast<const uint8_t*>(text.data()), text.size());
    quoted += length == 0 ? std::string_view("?") : text.substr(0, length);
    text.remove_prefix(std::max<size_t>(length, 1));
  }
  if (!text.empty()) quoted += "…";
  return quoted;
}

bool IsCurrency(std::string_view text) {
  static const Currencies kCurrencies = LoadCurrencies();
  return IsThreeLetters(text) && kCurrencies[CurrencyBit(text)];
}

bool IsDecimal(std::string_view text) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  size_t points = static_cast<size_t>(std::count(text.begin(), text.end(), '.'));
  return points <= 1 && text.size() > points && text.size() <= 38 + points &&
         text.find_first_not_of("0123456789.") == std::string_view::npos;
}

namespace {

bool IsRate(std::string_view text) {
  constexpr size_t kMostDigits = 12;
  const size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction = point == std::string_view::npos ? "0" : text.substr(point + 1);
  auto digits = [](std::string_view part) {
    return !part.empty() && part.size() <= kMostDigits &&
           std::all_of(part.begin(), part.end(), IsDigit);
  };
  return digits(whole) && digits(fraction) &&
         text.find_first_of("123456789") != std::string_view::npos;
}

bool IsCollection(std::string_view text) {
  return text.front() >= 'a' && text.front() <= 'z' &&
         std::all_of(text.begin(), text.end(), [](char letter) {
           return (letter >= 'a' && letter <= 'z') || IsDigit(letter) || letter == '_';
         });
}

}  // namespace

bool HasFormat(v1::Format format, std::string_view text) {
  switch (format) {
    case v1::EMAIL:
      return IsEmail(text);
    case v1::PHONE:
      return IsPhone(text);
    case v1::URL:
      return IsUrl(text);
    case v1::CURRENCY:
      return IsCurrency(text);
    case v1::LANGUAGE:
      return IsLanguage(text);
    case v1::TIME_ZONE:
      return IsTimeZone(text);
    case v1::DECIMAL:
      return IsRate(text);
    case v1::COLLECTION:
      return IsCollection(text);
    default:
      return true;
  }
}

std::string_view FormatName(v1::Format format) {
  switch (format) {
    case v1::EMAIL:
      return "an e-mail address";
    case v1::PHONE:
      return "a telephone number";
    case v1::URL:
      return "an http or https address";
    case v1::CURRENCY:
      return "an ISO 4217 currency code";
    case v1::LANGUAGE:
      return "a language tag";
    case v1::TIME_ZONE:
      return "a time zone name";
    case v1::DECIMAL:
      return "a decimal number above 0 such as 4.5";
    case v1::COLLECTION:
      return "a collection's name such as leads";
    default:
      return "a text";
  }
}

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
