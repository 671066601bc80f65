#include <algorithm>
#include <optional>

#include "libs/record/canonical.h"
#include "libs/record/image.h"
#include "libs/record/text.h"

namespace crm::record {
namespace {

using google::protobuf::FieldDescriptor;

// As deep as protobuf's own parser goes.
constexpr int kMaxDepth = 100;

class Normaliser {
 public:
  bool Message(const MessageType& type, std::string_view bytes, int depth, std::string* out);
  const std::string& problem() const { return problem_; }

 private:
  using Group = std::span<const Span>;

  bool Fail(const MessageType& type, const Field& field, const char* what) {
    problem_ = type.full_name + "." + field.name + ": " + what;
    return false;
  }
  bool KnownField(const MessageType& type, const Field& field, Group group, int depth,
                  std::string* out);
  bool Numbers(const MessageType& type, const Field& field, Group group, std::string* out);
  bool Bytes(const MessageType& type, const Field& field, Group group, int depth, std::string* out);
  bool Map(const MessageType& type, const Field& field, Group group, int depth, std::string* out);
  bool Entry(const MessageType& entry, std::string_view bytes, int depth, std::string* key,
             std::string* out);

  std::string problem_;
};

// Of the members of a oneof only the one that came last is there, with what came of it after the
// others. One pass from the end: a client may send very many of them.
void KeepLastOfOneofs(const MessageType& type, std::vector<Span>* spans) {
  struct Oneof {
    int index;
    uint32_t winner;
    bool closed;  // another member came before: it empties all that is still earlier
  };
  std::vector<Oneof> seen;
  for (auto span = spans->rbegin(); span != spans->rend(); ++span) {
    const Field* field = type.Find(span->number);
    if (!field || field->oneof < 0) continue;
    auto at = std::find_if(seen.begin(), seen.end(),
                           [&](const Oneof& one) { return one.index == field->oneof; });
    if (at == seen.end()) {
      seen.push_back({field->oneof, field->number, false});
      continue;
    }
    at->closed = at->closed || at->winner != field->number;
    if (at->closed) span->number = 0;
  }
  std::erase_if(*spans, [](const Span& span) { return span.number == 0; });
}

// Tags and numbers may have been written longer than they need be.
void AppendUnknown(std::span<const Span> group, std::string* out) {
  for (const Span& span : group) {
    AppendTag(span.number, span.type, out);
    if (span.type == WireType::kVarint) {
      AppendVarint(span.varint, out);
    } else {
      if (span.type == WireType::kBytes) AppendVarint(span.payload.size(), out);
      *out += span.payload;
    }
  }
}

bool Normaliser::Message(const MessageType& type, std::string_view bytes, int depth,
                         std::string* out) {
  if (depth > kMaxDepth) {
    problem_ = type.full_name + ": nested too deeply";
    return false;
  }
  std::vector<Span> spans;
  spans.reserve(32);
  WireReader reader(bytes);
  while (reader.Next()) spans.push_back(Span::Of(reader));
  if (!reader.ok()) {
    problem_ = type.full_name + ": malformed bytes";
    return false;
  }
  if (type.oneofs) KeepLastOfOneofs(type, &spans);
  auto by_number = [](const Span& a, const Span& b) { return a.number < b.number; };
  if (!std::is_sorted(spans.begin(), spans.end(), by_number)) {
    std::stable_sort(spans.begin(), spans.end(), by_number);
  }
  auto field = type.fields.begin();
  for (size_t i = 0; i < spans.size();) {
    size_t end = i + 1;
    while (end < spans.size() && spans[end].number == spans[i].number) ++end;
    while (field != type.fields.end() && field->number < spans[i].number) ++field;
    Group group(spans.data() + i, end - i);
    if (field != type.fields.end() && field->number == spans[i].number) {
      if (!KnownField(type, *field, group, depth, out)) return false;
    } else {
      AppendUnknown(group, out);
    }
    i = end;
  }
  return true;
}

bool Normaliser::KnownField(const MessageType& type, const Field& field, Group group, int depth,
                            std::string* out) {
  if (field.wire != WireType::kBytes) return Numbers(type, field, group, out);
  for (const Span& span : group) {
    if (span.type != WireType::kBytes) return Fail(type, field, "is not of the field's type");
  }
  if (field.map) return Map(type, field, group, depth, out);
  return Bytes(type, field, group, depth, out);
}

bool Normaliser::Numbers(const MessageType& type, const Field& field, Group group,
                         std::string* out) {
  std::string packed;
  for (const Span& span : group) {
    if (field.repeated && span.type == WireType::kBytes) {
      auto append = [&](uint64_t value) {
        AppendNumber(field.wire, CanonicalNumber(field.proto_type, value), &packed);
      };
      if (!ForEachPacked(field.wire, span.payload, append))
        return Fail(type, field, "malformed bytes");
    } else if (span.type != field.wire) {
      return Fail(type, field, "is not of the field's type");
    } else if (field.repeated) {
      AppendNumber(field.wire, CanonicalNumber(field.proto_type, span.varint), &packed);
    }
  }
  if (field.repeated) {
    if (!packed.empty()) AppendBytesField(field.number, packed, out);
    return true;
  }
  uint64_t value = CanonicalNumber(field.proto_type, group.back().varint);
  if (value == 0 && !field.optional) return true;
  AppendTag(field.number, field.wire, out);
  AppendNumber(field.wire, value, out);
  return true;
}

bool Normaliser::Bytes(const MessageType& type, const Field& field, Group group, int depth,
                       std::string* out) {
  if (!field.message) {
    bool text = field.proto_type == FieldDescriptor::TYPE_STRING;
    for (const Span& span : group) {
      if (text && !IsUtf8(span.payload)) return Fail(type, field, "is no UTF-8");
    }
    if (!field.repeated) group = group.last(1);
    for (const Span& span : group) {
      if (field.repeated || field.optional || !span.payload.empty())
        AppendBytesField(field.number, span.payload, out);
    }
    return true;
  }
  // Messages that stand several times in the place of one are merged, which is what parsing their
  // bytes one after the other does.
  std::string joined, content;
  if (!field.repeated && group.size() > 1) {
    for (const Span& span : group) joined += span.payload;
    if (!Message(*field.message, joined, depth + 1, &content)) return false;
    AppendBytesField(field.number, content, out);
    return true;
  }
  for (const Span& span : group) {
    content.clear();
    if (!Message(*field.message, span.payload, depth + 1, &content)) return false;
    AppendBytesField(field.number, content, out);
  }
  return true;
}

bool Normaliser::Map(const MessageType&, const Field& field, Group group, int depth,
                     std::string* out) {
  struct Parts {
    std::string key;
    std::string entry;
  };
  std::vector<Parts> entries;
  for (const Span& span : group) {
    Parts parts;
    if (!Entry(*field.message, span.payload, depth + 1, &parts.key, &parts.entry)) return false;
    entries.push_back(std::move(parts));
  }
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Parts& a, const Parts& b) { return a.key < b.key; });
  for (size_t i = 0; i < entries.size(); ++i) {
    bool replaced = i + 1 < entries.size() && entries[i + 1].key == entries[i].key;
    if (!replaced) AppendBytesField(field.number, entries[i].entry, out);
  }
  return true;
}

// An entry has both its fields, also where they are empty.
bool Normaliser::Entry(const MessageType& entry, std::string_view bytes, int depth,
                       std::string* key, std::string* out) {
  std::string content;
  if (!Message(entry, bytes, depth, &content)) return false;
  WireReader reader(content);
  std::string_view rest = content;
  for (const Field& field : entry.fields) {
    bool there = reader.Next() && reader.number() == field.number;
    std::string part;
    if (there) {
      part = reader.whole();
      rest.remove_prefix(part.size());
    } else {
      AppendTag(field.number, field.wire, &part);
      part.append(field.wire == WireType::kFixed64   ? 8
                  : field.wire == WireType::kFixed32 ? 4
                                                     : 1,
                  '\0');
    }
    if (field.number == 1) *key = there ? std::string(reader.payload()) : std::string();
    *out += part;
    if (!there) reader = WireReader(rest);
  }
  // What a newer program knows of entries stays.
  *out += rest;
  return true;
}

}  // namespace

Result<std::string> Normalise(const MessageType& type, std::string_view bytes) {
  if (IsCanonical(type, bytes)) return std::string(bytes);
  std::string out;
  out.reserve(bytes.size());
  Normaliser normaliser;
  if (!normaliser.Message(type, bytes, 0, &out)) return Error{normaliser.problem(), false};
  return out;
}

}  // namespace crm::record
