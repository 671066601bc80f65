#include "libs/record/key.h"

#include <charconv>
#include <cmath>
#include <cstring>

#include "libs/record/calendar.h"
#include "libs/record/format.h"
#include "libs/record/image.h"
#include "libs/record/key_bytes.h"
#include "libs/record/money.h"
#include "libs/record/name.h"

namespace crm::record {
namespace {

constexpr char kUnset = 0x01;
constexpr char kSet = 0x02;

// Texts that programs compare and people do not sort by: codes, addresses, names of records.
bool IsCoded(const Field& field) {
  return field.kind == Kind::kReference || field.annotation.format() != v1::TEXT || field.standard;
}

void AppendText(const Field& field, std::string_view text, std::string* out) {
  *out += kSet;
  if (!IsCoded(field)) AppendSortKey(text, out);
  AppendEscaped(text, out);
}

int64_t ZigZag(uint64_t value) {
  return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
}

int64_t SignedValue(const Field& field, uint64_t bits) {
  using google::protobuf::FieldDescriptor;
  switch (field.proto_type) {
    case FieldDescriptor::TYPE_SINT32:
    case FieldDescriptor::TYPE_SINT64:
      return ZigZag(bits);
    case FieldDescriptor::TYPE_SFIXED32:
      return static_cast<int32_t>(bits);
    default:
      return static_cast<int64_t>(bits);
  }
}

double NumberValue(const Field& field, uint64_t bits) {
  if (field.wire == WireType::kFixed64) {
    double value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
  }
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

int64_t DayNumber(int64_t year, int64_t month, int64_t day) {
  return year * 512 + month * 32 + day;
}

void AppendMessage(const Field& field, std::string_view bytes, std::string* out) {
  if (field.kind == Kind::kTime) return AppendFixed(TimeOf(bytes), out);
  if (field.kind == Kind::kMoney) return AppendWide(Money::Read(bytes).parts, out);
  int64_t year = 0, month = 0, day = 0;
  WireReader reader(bytes);
  while (reader.Next()) {
    auto value = static_cast<int64_t>(reader.varint());
    if (reader.type() != WireType::kVarint) continue;
    if (reader.number() == 1) year = value;
    if (reader.number() == 2) month = value;
    if (reader.number() == 3) day = value;
  }
  AppendFixed(DayNumber(year, month, day), out);
}

void AppendValue(const Field& field, const Span& span, std::string* out) {
  bool bytes = span.type == WireType::kBytes;
  if (bytes != (field.wire == WireType::kBytes)) {
    *out += kUnset;
    return;
  }
  switch (field.kind) {
    case Kind::kText:
    case Kind::kReference:
      return AppendText(field, span.payload, out);
    case Kind::kUnsigned:
      *out += kSet;
      return AppendUnsigned(span.varint, out);
    case Kind::kNumber:
      *out += kSet;
      return AppendDouble(NumberValue(field, span.varint), out);
    case Kind::kTime:
    case Kind::kDate:
    case Kind::kMoney:
      *out += kSet;
      return AppendMessage(field, span.payload, out);
    case Kind::kInteger:
    case Kind::kFlag:
    case Kind::kOption:
      *out += kSet;
      return AppendFixed(SignedValue(field, span.varint), out);
    case Kind::kBytes:
    case Kind::kMessage:
      break;  // the catalogue has no index by these
  }
  *out += kUnset;
}

// A number or flag that can not be unset is 0 where it is absent, and must sort as 0.
void AppendAbsent(const Field& field, std::string* out) {
  bool counts = field.kind == Kind::kInteger || field.kind == Kind::kUnsigned ||
                field.kind == Kind::kNumber || field.kind == Kind::kFlag;
  if (!counts || field.optional) {
    *out += kUnset;
    return;
  }
  *out += kSet;
  if (field.kind == Kind::kUnsigned) return AppendUnsigned(0, out);
  if (field.kind == Kind::kNumber) return AppendDouble(0, out);
  AppendFixed(0, out);
}

void AppendPath(const FieldPath& path, const Spans& record, std::string* out) {
  const Span* span = record.Find(path[0]->number);
  Span nested;
  for (size_t i = 1; i < path.size() && span; ++i) {
    WireReader reader(span->type == WireType::kBytes ? span->payload : std::string_view());
    const Span* found = nullptr;
    while (reader.Next()) {
      if (reader.number() != path[i]->number) continue;
      nested = Span::Of(reader);
      found = &nested;
    }
    if (!found) return AppendAbsent(*path[i], out);
    span = found;
  }
  if (span) return AppendValue(*path.back(), *span, out);
  // Below a message that is not there, nothing is set.
  if (path.size() > 1) {
    *out += kUnset;
    return;
  }
  AppendAbsent(*path[0], out);
}

template <class T>
std::optional<T> ParseNumber(std::string_view text) {
  T value{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<int64_t> ParseDay(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  auto year = ParseNumber<uint32_t>(text.substr(0, 4)),
       month = ParseNumber<uint32_t>(text.substr(5, 2)),
       day = ParseNumber<uint32_t>(text.substr(8, 2));
  if (!year || !month || !day || !IsDay(*year, *month, *day)) return std::nullopt;
  return DayNumber(*year, *month, *day);
}

// `1234.5` as ten-thousandths; more decimals than four are no amount.
std::optional<Wide> ParseAmount(std::string_view text) {
  bool negative = !text.empty() && text[0] == '-';
  if (!IsDecimal(text)) return std::nullopt;
  if (text[0] == '-' || text[0] == '+') text.remove_prefix(1);
  size_t point = std::min(text.find('.'), text.size());
  std::string_view decimals = text.substr(std::min(point + 1, text.size()));
  if (decimals.size() > 4 || point > 20) return std::nullopt;
  Wide value = 0;
  for (char c : text.substr(0, point)) value = value * 10 + (c - '0');
  for (size_t i = 0; i < 4; ++i) value = value * 10 + (i < decimals.size() ? decimals[i] - '0' : 0);
  return negative ? -value : value;
}

}  // namespace

void AppendIndexValues(const Index& index, const Spans& record, std::string* out, size_t most) {
  const size_t count = std::min(most, index.by.size());
  for (size_t i = 0; i < count; ++i) AppendPath(index.by[i], record, out);
}

std::optional<std::string> EncodeValue(const Field& field, std::string_view text) {
  std::string out(1, kSet);
  switch (field.kind) {
    case Kind::kReference:
      if (!text.empty() && !Name::Parse(text)) return std::nullopt;
      [[fallthrough]];
    case Kind::kText:
      out.clear();
      // An empty text that can not be told from none is none.
      if (text.empty() && !field.optional) return std::string(1, kUnset);
      AppendText(field, text, &out);
      return out;
    case Kind::kInteger:
      if (auto value = ParseNumber<int64_t>(text)) return AppendFixed(*value, &out), out;
      return std::nullopt;
    case Kind::kUnsigned:
      if (auto value = ParseNumber<uint64_t>(text)) return AppendUnsigned(*value, &out), out;
      return std::nullopt;
    case Kind::kNumber:
      if (auto value = ParseNumber<double>(text); value && std::isfinite(*value))
        return AppendDouble(*value, &out), out;
      return std::nullopt;
    case Kind::kFlag:
      if (text == "true" || text == "false") return AppendFixed(text == "true", &out), out;
      return std::nullopt;
    case Kind::kOption: {
      const OptionValue* value = field.options ? field.options->Find(text) : nullptr;
      if (!value) return std::nullopt;
      if (value->number == 0 && !field.optional) return std::string(1, kUnset);
      return AppendFixed(value->number, &out), out;
    }
    case Kind::kTime:
      if (auto value = ParseTime(text)) return AppendFixed(*value, &out), out;
      return std::nullopt;
    case Kind::kDate:
      if (auto value = ParseDay(text)) return AppendFixed(*value, &out), out;
      return std::nullopt;
    case Kind::kMoney:
      if (auto value = ParseAmount(text)) return AppendWide(*value, &out), out;
      return std::nullopt;
    case Kind::kBytes:
    case Kind::kMessage:
      break;
  }
  return std::nullopt;
}

std::string PrefixEnd(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && end.back() == '\xff') end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(end.back() + 1);
  return end;
}

}  // namespace crm::record
