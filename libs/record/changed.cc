#include "libs/record/changed.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "libs/record/json.h"
#include "libs/record/wire.h"

namespace crm::record {
namespace {

bool ChangesWithEveryEvent(uint32_t number) {
  return number == kName || number == kEtag || number == kUpdateTime || number == kUpdateUser;
}

// The first field of an image: all its spans, which stand together in a canonical one.
struct FirstField {
  uint32_t number = UINT32_MAX;  // of an empty image
  std::string_view whole;

  explicit FirstField(std::string_view image) {
    WireReader reader(image);
    if (!reader.Next()) return;
    number = reader.number();
    size_t size = 0;
    do {
      size += reader.whole().size();
    } while (reader.Next() && reader.number() == number);
    whole = image.substr(0, size);
  }
};

// How many bytes at the beginning are the same; eight at a time, since most of a record is.
size_t CommonBytes(std::string_view a, std::string_view b) {
  size_t limit = std::min(a.size(), b.size()), at = 0;
  uint64_t x = 0, y = 0;
  while (at + sizeof x <= limit) {
    std::memcpy(&x, a.data() + at, sizeof x);
    std::memcpy(&y, b.data() + at, sizeof y);
    if (x != y) return at + static_cast<size_t>(__builtin_ctzll(x ^ y)) / 8;
    at += sizeof x;
  }
  while (at < limit && a[at] == b[at]) ++at;
  return at;
}

// Up to where both images have the same whole fields.
size_t CommonFields(std::string_view before, std::string_view after) {
  size_t common = CommonBytes(before, after);
  if (common == before.size() && common == after.size()) return common;
  // `same` is where a field begins, `earlier` and `ended` are place and number of the one before.
  size_t same = 0, earlier = 0, at = 0;
  uint32_t last = 0, ended = 0;
  auto begin_field = [&] {
    earlier = same;
    ended = last;
    same = at;
  };
  WireReader reader(before);
  while (at <= common && reader.Next()) {
    if (reader.number() != last) begin_field();
    last = reader.number();
    at += reader.whole().size();
  }
  if (at <= common) begin_field();
  // A list that goes on in the other image counts as a whole.
  return same == common && FirstField(after.substr(same)).number == ended ? earlier : same;
}

std::string_view Content(std::string_view field) {
  WireReader reader(field);
  return reader.Next() && reader.type() == WireType::kBytes ? reader.payload() : std::string_view();
}

// Compares two images, and tells `visit` of each difference:
//   visit(field or null, below: field or null, part of the path below, bytes before, bytes after)
template <class Visit>
class Comparison {
 public:
  explicit Comparison(Visit visit) : visit_(visit) {}

  void Records(const MessageType& type, std::string_view before, std::string_view after) {
    ForEachDifference(
        type, before, after,
        [&](uint32_t number, const Field* field, std::string_view from, std::string_view to) {
          if (ChangesWithEveryEvent(number) && type.record) return;
          if (field && field->map) return Entries(*field, from, to);
          if (field && field->kind == Kind::kMessage && !field->repeated)
            return Below(*field, from, to);
          visit_(number, field, nullptr, std::string_view(), from, to);
        });
  }

 private:
  template <class Each>
  static void ForEachDifference(const MessageType& type, std::string_view before,
                                std::string_view after, Each each) {
    while (true) {
      size_t same = CommonFields(before, after);
      before.remove_prefix(same);
      after.remove_prefix(same);
      if (before.empty() && after.empty()) return;
      FirstField a(before), b(after);
      uint32_t number = std::min(a.number, b.number);
      std::string_view from = a.number == number ? a.whole : std::string_view();
      std::string_view to = b.number == number ? b.whole : std::string_view();
      each(number, type.Find(number), from, to);
      before.remove_prefix(from.size());
      after.remove_prefix(to.size());
    }
  }

  void Below(const Field& field, std::string_view from, std::string_view to) {
    bool any = false;
    ForEachDifference(
        *field.message, Content(from), Content(to),
        [&](uint32_t number, const Field* below, std::string_view x, std::string_view y) {
          any = true;
          char digits[16];
          auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
          std::string_view part = below
                                      ? std::string_view(below->name)
                                      : std::string_view(digits, static_cast<size_t>(end - digits));
          visit_(field.number, &field, below, part, x, y);
        });
    // An empty message came or went.
    if (!any) visit_(field.number, &field, nullptr, std::string_view(), from, to);
  }

  void Entries(const Field& field, std::string_view from, std::string_view to) {
    WireReader a(from), b(to);
    bool more_a = a.Next(), more_b = b.Next();
    while (more_a || more_b) {
      std::string_view key_a = more_a ? Key(a.payload()) : std::string_view();
      std::string_view key_b = more_b ? Key(b.payload()) : std::string_view();
      bool take_a = more_a && (!more_b || key_a <= key_b);
      bool take_b = more_b && (!more_a || key_b <= key_a);
      std::string_view x = take_a ? a.payload() : std::string_view(),
                       y = take_b ? b.payload() : std::string_view();
      if (x != y)
        visit_(field.number, &field, &field.message->fields.back(),
               KeyText(field, take_a ? a.payload() : b.payload()), ValuePart(x), ValuePart(y));
      if (take_a) more_a = a.Next();
      if (take_b) more_b = b.Next();
    }
  }

  // The key's bytes, by which entries are sorted.
  static std::string_view Key(std::string_view entry) {
    WireReader reader(entry);
    return reader.Next() && reader.number() == 1 ? reader.payload() : std::string_view();
  }

  std::string_view KeyText(const Field& field, std::string_view entry) {
    WireReader reader(entry);
    if (!reader.Next()) return {};
    if (reader.type() == WireType::kBytes) return reader.payload();
    key_text_ = FieldJson(field.message->fields.front(), reader.whole());
    if (key_text_.size() > 1 && key_text_.front() == '"')
      key_text_ = key_text_.substr(1, key_text_.size() - 2);
    return key_text_;
  }

  // The entry without its key.
  static std::string_view ValuePart(std::string_view entry) {
    WireReader reader(entry);
    if (!reader.Next()) return {};
    entry.remove_prefix(reader.whole().size());
    return entry;
  }

  Visit visit_;
  std::string key_text_;
};

std::string PathOf(uint32_t number, const Field* field, std::string_view part) {
  std::string path = field ? field->name : std::to_string(number);
  if (!part.empty()) {
    path += '.';
    path += part;
  }
  return path;
}

void SetNumber(const Field& field, const WireReader& reader, v1::Value* value) {
  uint64_t bits = reader.varint();
  if (field.kind == Kind::kFlag) return value->set_flag(bits != 0);
  if (field.kind == Kind::kOption) {
    const OptionValue* option = field.options->Find(static_cast<int>(bits));
    // An option that this program does not know has a number at least.
    return option ? value->set_option(option->name)
                  : value->set_integer(static_cast<int32_t>(bits));
  }
  if (field.kind == Kind::kNumber) {
    double number;
    float single;
    std::memcpy(&number, &bits, sizeof number);
    std::memcpy(&single, &bits, sizeof single);
    return value->set_number(field.wire == WireType::kFixed64 ? number : double{single});
  }
  std::string text = FieldJson(field, reader.whole());
  if (!text.empty() && text.front() == '"') text = text.substr(1, text.size() - 2);
  int64_t integer = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), integer);
  if (error == std::errc()) return value->set_integer(integer);
  value->set_decimal(text);
}

// The value in a field's bytes.
v1::Value ValueOf(const Field& field, std::string_view bytes) {
  v1::Value value;
  WireReader reader(bytes);
  if (!reader.Next()) return value;
  std::string payload(reader.payload());
  if (field.repeated) {
    value.set_json(FieldJson(field, bytes));
    return value;
  }
  switch (field.kind) {
    case Kind::kText:
      value.set_text(payload);
      break;
    case Kind::kReference:
      value.set_reference(payload);
      break;
    case Kind::kTime:
      value.mutable_time()->ParseFromString(payload);
      break;
    case Kind::kDate:
      value.mutable_date()->ParseFromString(payload);
      break;
    case Kind::kMoney:
      value.mutable_money()->ParseFromString(payload);
      break;
    case Kind::kBytes:
    case Kind::kMessage:
      if (field.message && field.message->full_name == "crm.record.v1.Value") {
        value.ParseFromString(payload);
      } else {
        value.set_json(FieldJson(field, bytes));
      }
      break;
    default:
      SetNumber(field, reader, &value);
  }
  return value;
}

// Of a field that this program does not know: its bytes, as JSON would show a bytes field.
v1::Value UnknownValue(std::string_view bytes) {
  static const Field kBytes = [] {
    Field field;
    field.kind = Kind::kBytes;
    field.wire = WireType::kBytes;
    field.proto_type = google::protobuf::FieldDescriptor::TYPE_BYTES;
    return field;
  }();
  std::string wrapped;
  AppendBytesField(1, bytes, &wrapped);
  v1::Value value;
  value.set_json(FieldJson(kBytes, wrapped));
  return value;
}

}  // namespace

std::vector<std::string> ChangedPaths(const MessageType& type, std::string_view before,
                                      std::string_view after) {
  std::vector<std::string> paths;
  Comparison comparison([&](uint32_t number, const Field* field, const Field*,
                            std::string_view part, std::string_view,
                            std::string_view) { paths.push_back(PathOf(number, field, part)); });
  comparison.Records(type, before, after);
  return paths;
}

std::vector<v1::FieldChange> FieldChanges(const MessageType& type, std::string_view before,
                                          std::string_view after) {
  std::vector<v1::FieldChange> changes;
  Comparison comparison([&](uint32_t number, const Field* field, const Field* below,
                            std::string_view part, std::string_view from, std::string_view to) {
    v1::FieldChange& change = changes.emplace_back();
    change.set_path(PathOf(number, field, part));
    const Field* shown = part.empty() ? field : below;
    if (!from.empty()) *change.mutable_from() = shown ? ValueOf(*shown, from) : UnknownValue(from);
    if (!to.empty()) *change.mutable_to() = shown ? ValueOf(*shown, to) : UnknownValue(to);
  });
  comparison.Records(type, before, after);
  return changes;
}

}  // namespace crm::record
