#include "libs/record/money.h"

#include "libs/record/wire.h"

namespace crm::record {
namespace {

constexpr uint32_t kCurrency = 1, kUnits = 2, kNanos = 3;

void AppendNumber(uint32_t field, int64_t value, std::string* out) {
  if (value != 0) AppendVarintField(field, static_cast<uint64_t>(value), out);
}

}  // namespace

Money Money::Read(std::string_view bytes) {
  Money money;
  int64_t units = 0, nanos = 0;
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.number() == kCurrency) money.currency = reader.payload();
    if (reader.number() == kUnits) units = static_cast<int64_t>(reader.varint());
    if (reader.number() == kNanos) nanos = static_cast<int32_t>(reader.varint());
  }
  money.parts = static_cast<Wide>(units) * kParts + nanos / kNanosOfPart;
  return money;
}

std::string Money::Bytes() const {
  std::string bytes;
  if (!currency.empty()) AppendBytesField(kCurrency, currency, &bytes);
  AppendNumber(kUnits, units(), &bytes);
  AppendNumber(kNanos, static_cast<int64_t>(parts % kParts) * kNanosOfPart, &bytes);
  return bytes;
}

Wide DivideRounded(Wide dividend, Wide divisor) {
  const Wide half = divisor / 2;
  return dividend < 0 ? -((-dividend + half) / divisor) : (dividend + half) / divisor;
}

}  // namespace crm::record
