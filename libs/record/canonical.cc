#include "libs/record/canonical.h"

#include <bit>

#include "libs/record/text.h"

namespace crm::record {
namespace {

using google::protobuf::FieldDescriptor;

constexpr int kMaxDepth = 100;

size_t VarintSize(uint64_t value) {
  return (static_cast<size_t>(std::bit_width(value | 1)) + 6) / 7;
}

bool IsShortest(const WireReader& reader) {
  size_t tag = VarintSize(uint64_t{reader.number()} << 3);
  size_t payload = reader.payload().size();
  if (reader.type() == WireType::kVarint && payload != VarintSize(reader.varint())) return false;
  size_t length = reader.type() == WireType::kBytes ? VarintSize(payload) : 0;
  return reader.whole().size() == tag + length + payload;
}

class CanonicalCheck {
 public:
  // An entry of a map has both its fields, also where they are empty.
  bool Message(const MessageType& type, std::string_view bytes, bool entry, int depth) {
    if (depth > kMaxDepth) return false;
    auto field = type.fields.begin();
    const auto end = type.fields.end();
    uint32_t last = 0;
    uint64_t oneofs = 0;
    size_t known = 0;
    std::string_view key;  // of the map's last entry
    WireReader reader(bytes);
    while (reader.Next()) {
      uint32_t number = reader.number();
      bool again = number == last;
      if (number < last || !IsShortest(reader)) return false;
      last = number;
      while (field != end && field->number < number) ++field;
      if (field == end || field->number != number) continue;
      ++known;
      if (again && !(field->repeated && field->wire == WireType::kBytes)) return false;
      if (field->oneof >= 0) {
        uint64_t bit = uint64_t{1} << (field->oneof % 64);
        if (oneofs & bit) return false;
        oneofs |= bit;
      }
      if (!Known(*field, reader, entry, depth)) return false;
      if (field->map && !Follows(reader.payload(), again, &key)) return false;
    }
    return reader.ok() && (!entry || known == type.fields.size());
  }

 private:
  bool Known(const Field& field, const WireReader& reader, bool entry, int depth) {
    bool may_be_empty = entry || field.repeated || field.optional;
    if (field.wire != WireType::kBytes) {
      if (field.repeated) return Packed(field, reader);
      uint64_t value = reader.varint();
      return reader.type() == field.wire && CanonicalNumber(field.proto_type, value) == value &&
             (value != 0 || may_be_empty);
    }
    if (reader.type() != WireType::kBytes) return false;
    if (field.message) return Message(*field.message, reader.payload(), field.map, depth + 1);
    if (reader.payload().empty()) return may_be_empty;
    return field.proto_type != FieldDescriptor::TYPE_STRING || IsUtf8(reader.payload());
  }

  static bool Packed(const Field& field, const WireReader& reader) {
    if (reader.type() != WireType::kBytes || reader.payload().empty()) return false;
    std::string again;
    bool whole = ForEachPacked(field.wire, reader.payload(), [&](uint64_t value) {
      AppendNumber(field.wire, CanonicalNumber(field.proto_type, value), &again);
    });
    return whole && again == reader.payload();
  }

  // Whether an entry's key comes after that of the one before; only texts are compared here.
  static bool Follows(std::string_view entry, bool again, std::string_view* key) {
    WireReader reader(entry);
    if (!reader.Next() || reader.number() != 1 || reader.type() != WireType::kBytes) return false;
    if (again && reader.payload() <= *key) return false;
    *key = reader.payload();
    return true;
  }
};

}  // namespace

bool IsCanonical(const MessageType& type, std::string_view bytes) {
  return CanonicalCheck().Message(type, bytes, false, 0);
}

uint64_t CanonicalNumber(google::protobuf::FieldDescriptor::Type type, uint64_t value) {
  switch (type) {
    case FieldDescriptor::TYPE_INT32:
    case FieldDescriptor::TYPE_ENUM:
      return static_cast<uint64_t>(int64_t{static_cast<int32_t>(value)});
    case FieldDescriptor::TYPE_UINT32:
    case FieldDescriptor::TYPE_SINT32:
      return static_cast<uint32_t>(value);
    case FieldDescriptor::TYPE_BOOL:
      return value != 0;
    default:
      return value;
  }
}

void AppendNumber(WireType wire, uint64_t value, std::string* out) {
  if (wire == WireType::kVarint) return AppendVarint(value, out);
  out->append(reinterpret_cast<const char*>(&value), wire == WireType::kFixed64 ? 8 : 4);
}

}  // namespace crm::record
