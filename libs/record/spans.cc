#include "libs/record/spans.h"

#include <algorithm>
#include <new>
#include <type_traits>

namespace crm::record {

namespace {

std::optional<Span> FieldIn(std::string_view image, uint32_t number) {
  std::optional<Span> field;
  WireReader reader(image);
  while (reader.Next() && reader.number() <= number) {
    if (reader.number() == number) field = Span::Of(reader);
  }
  return field;
}

std::string_view TextOf(const Span* span) {
  return span && span->type == WireType::kBytes ? span->payload : std::string_view();
}

uint64_t IntegerOf(const Span* span) {
  return span && span->type != WireType::kBytes ? span->varint : 0;
}

}  // namespace

static_assert(std::is_trivially_copyable_v<Span>, "Spans are copied as bytes");

// Here, not in the class: there it would have all of inline_ emptied first.
Spans::Spans() = default;

std::optional<Spans> Spans::Read(std::string_view image) {
  std::optional<Spans> result(std::in_place);
  Spans& spans = *result;
  WireReader reader(image);
  uint32_t last = 0;
  bool sorted = true;
  size_t count = 0;
  while (reader.Next()) {
    sorted &= last <= reader.number();
    last = reader.number();
    if (count == kInline && spans.spilled_.empty())
      spans.spilled_.assign(spans.Place(), spans.Place() + kInline);
    Span* const place = count < kInline ? spans.Place() + count++ : &spans.spilled_.emplace_back();
    new (place) Span(Span::Of(reader));
  }
  spans.sorted_ = sorted;
  spans.inline_count_ = count;
  if (!reader.ok()) result.reset();
  return result;
}

std::span<const Span> Spans::all() const {
  if (!spilled_.empty()) return spilled_;
  return {Place(), inline_count_};
}

const Span* Spans::Find(uint32_t number) const {
  std::span<const Span> spans = all();
  if (!sorted_) {
    for (size_t i = spans.size(); i > 0; --i) {
      if (spans[i - 1].number == number) return &spans[i - 1];
    }
    return nullptr;
  }
  auto after =
      std::upper_bound(spans.begin(), spans.end(), number,
                       [](uint32_t wanted, const Span& span) { return wanted < span.number; });
  if (after == spans.begin() || (after - 1)->number != number) return nullptr;
  return &*(after - 1);
}

std::span<const Span> Spans::All(uint32_t number) const {
  std::span<const Span> spans = all();
  const auto first =
      sorted_
          ? std::lower_bound(spans.begin(), spans.end(), number,
                             [](const Span& span, uint32_t sought) { return span.number < sought; })
          : std::find_if(spans.begin(), spans.end(),
                         [&](const Span& span) { return span.number == number; });
  const auto last =
      std::find_if(first, spans.end(), [&](const Span& span) { return span.number != number; });
  return {first, last};
}

std::string_view Spans::Text(uint32_t number) const { return TextOf(Find(number)); }

uint64_t Spans::Integer(uint32_t number) const { return IntegerOf(Find(number)); }

std::string_view TextIn(std::string_view image, uint32_t number) {
  const auto field = FieldIn(image, number);
  return TextOf(field ? &*field : nullptr);
}

uint64_t IntegerIn(std::string_view image, uint32_t number) {
  const auto field = FieldIn(image, number);
  return IntegerOf(field ? &*field : nullptr);
}

bool IsSetIn(std::string_view image, uint32_t number) { return FieldIn(image, number).has_value(); }

}  // namespace crm::record
