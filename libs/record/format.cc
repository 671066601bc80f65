#include "libs/record/format.h"

#include <unicode/timezone.h>
#include <unicode/ucurr.h>

#include <algorithm>
#include <bitset>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <string>

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

}  // namespace crm::record
