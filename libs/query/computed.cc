#include "libs/query/computed.h"

#include "libs/record/image.h"
#include "libs/record/key.h"
#include "libs/record/money.h"

namespace crm::query {
namespace {

using record::Money;
using record::Wide;

struct Counted {
  uint64_t count = 0;
  Wide parts = 0;
  std::string currency;
};

void Add(const record::Span* amount, Counted* counted) {
  if (amount == nullptr) return;
  const Money money = Money::Read(amount->payload);
  counted->parts += money.parts;
  counted->currency = money.currency;
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
      edit.SetMessage(computed.field->number, Money{counted.currency, counted.parts}.Bytes());
    }
  }
  return edit.Build();
}

}  // namespace crm::query
