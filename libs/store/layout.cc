#include "libs/store/layout.h"

#include <unicode/uvernum.h>

#include <algorithm>
#include <sstream>
#include <utility>

#include "libs/record/check.h"

namespace crm::store {
namespace {

// To be raised when the bytes of index keys change for the same declarations.
constexpr char kKeys[] = "1 icu " U_ICU_VERSION;
constexpr int kSlotsMax = 255;

std::string DeclarationOf(const record::Index& index) {
  std::string text = index.name;
  text += index.past ? " past" : "";
  text += index.sparse ? " sparse" : "";
  for (const auto& path : index.by) {
    text += ' ';
    for (const auto* field : path) text += std::to_string(field->number) + '.';
    text += std::to_string(static_cast<int>(path.back()->kind)) + '.';
    text += std::to_string(path.back()->annotation.format());
  }
  return text;
}

// Gives an index the next number of its type. False: the type has none left.
bool AddPart(const record::RecordType& type, const record::Index& index, bool building,
             Layout* layout) {
  auto& known = layout->types[type.number];
  if (known.indexes == UINT16_MAX || known.slots == kSlotsMax) return false;
  const int slot = index.past ? known.slots++ : -1;
  layout->parts.push_back({type.number, known.indexes++, slot, building, DeclarationOf(index)});
  return true;
}

bool AddType(const record::RecordType& type, Layout* layout) {
  layout->types[type.number].message = type.message->full_name;
  return std::all_of(type.indexes.begin(), type.indexes.end(),
                     [&](const auto& index) { return AddPart(type, index, false, layout); });
}

LayoutChange Whole(std::string why) { return {LayoutChange::Kind::kWhole, std::move(why), {}, {}}; }
LayoutChange Refused(std::string why) {
  return {LayoutChange::Kind::kRefused, std::move(why), {}, {}};
}

// The first line alone, which every release can read.
int FormatOf(std::string_view text) {
  std::istringstream in{std::string(text.substr(0, text.find('\n')))};
  std::string word;
  int format = 0;
  in >> word >> format;
  return word == "format" && in ? format : 0;
}

// Keeps the indexes that the type still declares, and adds the others.
bool AdaptType(const record::RecordType& type, std::vector<Layout::Part> had,
               LayoutChange* change) {
  for (const auto& index : type.indexes) {
    const auto declaration = DeclarationOf(index);
    const auto found = std::find_if(
        had.begin(), had.end(), [&](const auto& part) { return part.declaration == declaration; });
    if (found != had.end()) {
      change->after.parts.push_back(*found);
      had.erase(found);
      continue;
    }
    change->kind = LayoutChange::Kind::kParts;
    if (!AddPart(type, index, true, &change->after)) return false;
  }
  if (!had.empty()) change->kind = LayoutChange::Kind::kParts;
  change->removed.insert(change->removed.end(), had.begin(), had.end());
  return true;
}

std::vector<Layout::Part> PartsOf(const Layout& layout, uint16_t type) {
  std::vector<Layout::Part> parts;
  for (const auto& part : layout.parts) {
    if (part.type == type) parts.push_back(part);
  }
  return parts;
}

}  // namespace

Layout Layout::Of(const record::Catalogue& catalogue, const Kept& kept) {
  Layout layout;
  layout.keys = kKeys;
  layout.kept = kept.text;
  for (const auto* type : catalogue.Types()) CRM_CHECK(AddType(*type, &layout));
  return layout;
}

std::string Layout::Encode() const {
  std::string text =
      "format " + std::to_string(format) + "\nkeys " + keys + "\nkept " + kept + '\n';
  for (const auto& [number, type] : types) {
    text += "type " + std::to_string(number) + ' ' + std::to_string(type.indexes) + ' ' +
            std::to_string(type.slots) + ' ' + type.message + '\n';
  }
  for (const auto& part : parts) {
    text += "index " + std::to_string(part.type) + ' ' + std::to_string(part.number) + ' ' +
            std::to_string(part.slot) + (part.building ? " building " : " ready ") +
            part.declaration + '\n';
  }
  return text;
}

std::optional<Layout> Layout::Decode(std::string_view text) {
  Layout layout;
  layout.format = FormatOf(text);
  std::istringstream in{std::string(text)};
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string word;
    words >> word;
    const auto rest = [&] {
      std::string left;
      std::getline(words >> std::ws, left);
      return left;
    };
    if (word == "keys") {
      layout.keys = rest();
    } else if (word == "kept") {
      layout.kept = rest();
    } else if (word == "type") {
      int number = 0;
      int slots = 0;
      Type type;
      words >> number >> type.indexes >> slots >> type.message;
      type.slots = static_cast<uint8_t>(slots);
      layout.types[static_cast<uint16_t>(number)] = std::move(type);
      if (!words) return std::nullopt;
    } else if (word == "index") {
      Part part;
      words >> part.type >> part.number >> part.slot >> word;
      if (!words) return std::nullopt;
      part.building = word == "building";
      part.declaration = rest();
      layout.parts.push_back(std::move(part));
    } else if (word != "format") {
      return std::nullopt;
    }
  }
  return layout;
}

LayoutChange ChangeOf(std::string_view text, const record::Catalogue& catalogue, const Kept& kept,
                      bool passed_over) {
  const int format = FormatOf(text);
  if (format > kFormat) {
    return Refused("was written by a newer release, in format " + std::to_string(format) +
                   "; this one knows up to " + std::to_string(kFormat));
  }
  const auto found = Layout::Decode(text);
  if (format < kFormat || !found) return Whole("was written in another format");
  for (const auto& [number, type] : found->types) {
    if (!catalogue.FindTypeByNumber(number)) {
      return Refused("was written by a newer release: it has records of " + type.message +
                     ", which this one does not know");
    }
  }
  if (found->keys != kKeys) return Whole("was built with another version of ICU");
  if (found->kept != kept.text) return Whole("was built to keep other records");

  LayoutChange change;
  change.after = *found;
  change.after.parts.clear();
  for (const auto* type : catalogue.Types()) {
    const auto known = found->types.find(type->number);
    bool fits = true;
    if (known == found->types.end()) {
      if (passed_over) return Whole("has passed over events of record types that are known now");
      change.kind = LayoutChange::Kind::kParts;
      fits = AddType(*type, &change.after);
    } else if (known->second.message != type->message->full_name) {
      return Whole("was built from other record types");
    } else {
      const auto before = std::exchange(change.kind, LayoutChange::Kind::kNone);
      fits = AdaptType(*type, PartsOf(*found, type->number), &change);
      // There is no history to build an index of copies from.
      if (change.kind != LayoutChange::Kind::kNone && kept.replicated.contains(type->number)) {
        return Whole("was built from other indexes of " + type->collection);
      }
      change.kind = std::max(change.kind, before);
    }
    if (!fits) return Whole("has seen too many indexes of " + type->collection);
  }
  return change;
}

Places::Places(const Layout& layout, const record::Catalogue& catalogue) {
  std::map<std::pair<uint16_t, std::string>, const Layout::Part*> parts;
  for (const auto& part : layout.parts) parts[{part.type, part.declaration}] = &part;
  for (const auto* type : catalogue.Types()) {
    Type& known = types_[type->number];
    known.slots = layout.types.at(type->number).slots;
    const record::Field* moving = type->Find("moving_time");
    known.moving_time = moving != nullptr ? moving->number : 0;
    for (const auto& index : type->indexes) {
      const auto* part = parts.at({type->number, DeclarationOf(index)});
      known.places.push_back({part->number, part->slot, part->building, {}});
    }
  }
}

}  // namespace crm::store
