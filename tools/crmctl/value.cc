#include "tools/crmctl/value.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <charconv>

#include "tools/crmctl/text.h"

namespace crm::ctl {
namespace {

constexpr int kMoneyDigits = 9;  // of nanos

template <class Number>
bool ParseNumber(std::string_view text, Number* number) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  return error == std::errc() && end == text.data() + text.size();
}

int DaysIn(int month, int year) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

bool IsCurrency(std::string_view text) {
  return text.size() == 3 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

// Digits with at most one point and nine decimals.
bool ParseAmount(std::string_view text, google::type::Money* money) {
  bool negative = !text.empty() && text[0] == '-';
  if (negative) text.remove_prefix(1);
  size_t point = text.find('.');
  std::string_view units = text.substr(0, point);
  std::string decimals(point == std::string_view::npos ? "" : text.substr(point + 1));
  if (point != std::string_view::npos && decimals.empty()) return false;
  if (decimals.size() > kMoneyDigits || (!units.empty() && units[0] == '-')) return false;
  decimals.resize(kMoneyDigits, '0');
  int64_t whole = 0;
  uint32_t nanos = 0;
  if (!ParseNumber(units, &whole) || !ParseNumber(decimals, &nanos)) return false;
  money->set_units(negative ? -whole : whole);
  money->set_nanos(negative ? -static_cast<int32_t>(nanos) : static_cast<int32_t>(nanos));
  return true;
}

}  // namespace

std::optional<google::protobuf::Timestamp> ParseTime(std::string_view text) {
  text = Trimmed(text);
  auto date = ParseDate(text);
  if (!date || text.size() < 10) return std::nullopt;
  std::string full(text);
  if (full.size() == 10) full += "T00:00:00Z";
  if (full[10] == ' ' || full[10] == 't') full[10] = 'T';
  if (full.back() == 'z') full.back() = 'Z';
  google::protobuf::Timestamp time;
  if (!google::protobuf::util::TimeUtil::FromString(full, &time)) return std::nullopt;
  return time;
}

std::optional<google::type::Date> ParseDate(std::string_view text) {
  text = Trimmed(text);
  if (text.size() < 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  if (text.size() > 10 && text[10] != 'T' && text[10] != 't' && text[10] != ' ')
    return std::nullopt;
  unsigned year = 0, month = 0, day = 0;
  if (!ParseNumber(text.substr(0, 4), &year) || !ParseNumber(text.substr(5, 2), &month) ||
      !ParseNumber(text.substr(8, 2), &day)) {
    return std::nullopt;
  }
  int last =
      month >= 1 && month <= 12 ? DaysIn(static_cast<int>(month), static_cast<int>(year)) : 0;
  if (year == 0 || day < 1 || static_cast<int>(day) > last) return std::nullopt;
  google::type::Date date;
  date.set_year(static_cast<int>(year));
  date.set_month(static_cast<int>(month));
  date.set_day(static_cast<int>(day));
  return date;
}

std::optional<google::type::Money> ParseMoney(std::string_view text, std::string_view currency) {
  text = Trimmed(text);
  if (text.size() > 3 && IsCurrency(text.substr(text.size() - 3))) {
    currency = text.substr(text.size() - 3);
    text = Trimmed(text.substr(0, text.size() - 3));
  } else if (text.size() > 3 && IsCurrency(text.substr(0, 3))) {
    currency = text.substr(0, 3);
    text = Trimmed(text.substr(3));
  }
  google::type::Money money;
  if (!IsCurrency(currency) || !ParseAmount(text, &money)) return std::nullopt;
  money.set_currency_code(std::string(currency));
  return money;
}

std::optional<bool> ParseFlag(std::string_view text) {
  std::string word = Lower(Trimmed(text));
  if (word == "yes" || word == "true" || word == "y" || word == "1") return true;
  if (word == "no" || word == "false" || word == "n" || word == "0") return false;
  return std::nullopt;
}

std::string OptionPrefix(const google::protobuf::EnumDescriptor* type) {
  return SnakeUpper(type->name()) + "_";
}

const google::protobuf::EnumValueDescriptor* ParseOption(
    const google::protobuf::EnumDescriptor* type, std::string_view text) {
  std::string wanted;
  for (char c : Upper(Trimmed(text))) {
    bool letter = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter) {
      wanted += c;
    } else if (!wanted.empty() && wanted.back() != '_') {
      wanted += '_';
    }
  }
  while (!wanted.empty() && wanted.back() == '_') wanted.pop_back();
  if (const auto* value = type->FindValueByName(wanted)) return value;
  return type->FindValueByName(OptionPrefix(type) + wanted);
}

}  // namespace crm::ctl
