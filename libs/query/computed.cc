#include "libs/query/computed.h"

#include "google/type/money.pb.h"
#include "libs/record/image.h"
#include "libs/record/key.h"
#include "libs/record/key_bytes.h"

namespace crm::query {
namespace {

using google::type::Money;
using record::Wide;

constexpr int64_t kParts = 10'000;  // of a unit; nanos are a multiple of 100,000
constexpr int kNanosOfPart = 100'000;

struct Counted {
  uint64_t count = 0;
  Wide parts = 0;
  std::string currency;
};

void Add(const record::Span* amount, Counted* counted) {
  if (amount == nullptr) return;
  Money money;
  money.ParseFromArray(amount->payload.data(), static_cast<int>(amount->payload.size()));
  counted->parts += static_cast<Wide>(money.units()) * kParts + money.nanos() / kNanosOfPart;
  counted->currency = money.currency_code();
}

Counted Count(const Moment& moment, const record::ComputedField& computed, std::string_view name) {
  Counted counted;
  const record::Field& reference = *computed.index->by.front().front();
  const std::string prefix = *record::EncodeValue(reference, name) + computed.group;
  const store::IndexRange range{moment.tenant, computed.of->number,       computed.index->number,
                                prefix,        record::PrefixEnd(prefix), false};
  for (auto cursor = moment.view.Scan(range, moment.as_of); cursor->Valid(); cursor->Next()) {
    if (computed.sum == nullptr && !moment.hiding) {
      ++counted.count;
      continue;
    }
    auto image = ReadRecord(moment, *computed.of, cursor->id());
    if (!image) continue;
    ++counted.count;
    if (computed.sum != nullptr)
      Add(record::Spans::Read(*image)->Find(computed.sum->number), &counted);
  }
  return counted;
}

}  // namespace

std::string WithComputed(const Moment& moment, const record::RecordType& type,
                         const record::Mask& mask, std::string image) {
  if (type.computed.empty()) return image;
  const std::string name(record::TextIn(image, record::kName));
  record::ImageEdit edit(image);
  for (const record::ComputedField& computed : type.computed) {
    if (!mask.empty() && !mask.Contains(computed.field->number)) continue;
    const Counted counted = Count(moment, computed, name);
    if (computed.sum == nullptr) {
      edit.SetInteger(computed.field->number, counted.count);
    } else if (!counted.currency.empty()) {
      Money money;
      money.set_currency_code(counted.currency);
      money.set_units(static_cast<int64_t>(counted.parts / kParts));
      money.set_nanos(static_cast<int>(counted.parts % kParts) * kNanosOfPart);
      edit.SetMessage(computed.field->number, money.SerializeAsString());
    }
  }
  return edit.Build();
}

}  // namespace crm::query
