#include "libs/store/hiding.h"

#include "libs/record/name.h"
#include "libs/record/spans.h"
#include "libs/store/event.h"

namespace crm::store {
namespace {

// No tree is deeper than the longest way that a circle's check follows.
constexpr int kDeepest = 1'000;

std::optional<std::string> ImageAt(const View& view, const RecordKey& key, int64_t as_of) {
  if (as_of == kNow) return view.Record(key);
  auto version = view.VersionAt(key, as_of);
  auto parts = version ? log::SplitBody(*version->body) : std::nullopt;
  auto image = parts ? ImageIn(parts->value, key.type) : std::nullopt;
  return image ? std::optional<std::string>(*image) : std::nullopt;
}

bool UnderWay(const View& view, TenantNumber tenant, int64_t as_of) {
  if (as_of == kNow) return !view.Cascades(tenant, false).empty();
  for (const RecordKey& root : view.Cascades(tenant, true)) {
    const auto image = ImageAt(view, root, as_of);
    if (image && record::IsSetIn(*image, record::kDeleteTime)) return true;
  }
  return false;
}

bool IsClosed(const record::RecordType& type, std::string_view image) {
  const record::Field* state = type.message->Find(record::kState);
  if (state == nullptr) return false;
  const auto spans = record::Spans::Read(image);
  return static_cast<int>(spans->Integer(record::kState)) != state->options->default_number;
}

}  // namespace

bool GoesWith(const record::Referrer& referrer, std::string_view image) {
  switch (referrer.on_delete) {
    case record::v1::NONE:
    case record::v1::UNLINK:
    case record::v1::RESTRICT:
      return false;
    case record::v1::ACTIVE:
      return !IsClosed(*referrer.from, image);
    default:
      return true;
  }
}

std::shared_ptr<const Hiding> Hiding::At(const View& view, const record::Catalogue& catalogue,
                                         const TenantEntry& tenant, int64_t as_of) {
  if (!tenant.cascades || !UnderWay(view, tenant.number, as_of)) return nullptr;
  return std::make_shared<const Hiding>(
      catalogue, [&view, number = tenant.number, as_of](const record::RecordType& type,
                                                        const record::Uuid& id) {
        return ImageAt(view, {number, type.number, id}, as_of);
      });
}

bool Hiding::Hides(const record::RecordType& type, std::string_view image) const {
  return !image.empty() && HidesAt(type, image, 0);
}

bool Hiding::HidesAt(const record::RecordType& type, std::string_view image, int depth) const {
  const auto spans = record::Spans::Read(image);
  if (spans->Has(record::kDeleteTime)) return true;
  if (depth == kDeepest) return false;
  for (const record::Field& field : type.message->fields) {
    if (field.kind != record::Kind::kReference || field.repeated) continue;
    const std::string text(spans->Text(field.number));
    const auto name = record::Name::Parse(text);
    const record::RecordType* to = name ? catalogue_.FindType(name->collection) : nullptr;
    if (to == nullptr) continue;
    for (const record::Referrer& referrer : to->referrers) {
      if (referrer.from != &type || referrer.field != &field || !GoesWith(referrer, image))
        continue;
      auto [known, first] = known_.try_emplace(text, false);  // a circle's own answer: no
      if (first) {
        const auto parent = find_(*to, name->id);
        const bool hidden = parent && !parent->empty() && HidesAt(*to, *parent, depth + 1);
        known_[text] = hidden;
        if (hidden) return true;
      } else if (known->second) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace crm::store
