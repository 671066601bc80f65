#include "libs/record/json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <ctime>

#include "libs/record/catalogue_tables.h"
#include "libs/record/image.h"
#include "libs/record/json_text.h"
#include "libs/record/wire.h"

namespace crm::record {
namespace {

using google::protobuf::FieldDescriptor;

class JsonWriter {
 public:
  explicit JsonWriter(std::string* out) : out_(out) {}

  void Message(const MessageType& type, std::string_view bytes);
  // A list, a map or a single value, from all spans of the field.
  void Field(const crm::record::Field& field, std::string_view bytes);

 private:
  void Members(const MessageType& type, std::string_view bytes, bool first);
  void Value(const crm::record::Field& field, WireType type, uint64_t bits,
             std::string_view payload);
  void Number(const crm::record::Field& field, uint64_t bits);
  void Packed(const crm::record::Field& field, std::string_view payload, bool* first);
  void Map(const crm::record::Field& field, std::string_view bytes);
  bool WellKnown(const MessageType& type, std::string_view bytes);
  void Any(const MessageType& type, std::string_view bytes);
  void Separate(bool* first) {
    if (!*first) *out_ += ',';
    *first = false;
  }

  std::string* out_;
};

bool IsWellKnown(std::string_view full_name) {
  return full_name == "google.protobuf.Timestamp" || full_name == "google.protobuf.Duration" ||
         full_name == "google.protobuf.FieldMask" || full_name == "google.protobuf.Any";
}

void JsonWriter::Message(const MessageType& type, std::string_view bytes) {
  if (WellKnown(type, bytes)) return;
  *out_ += '{';
  Members(type, bytes, true);
  *out_ += '}';
}

void JsonWriter::Members(const MessageType& type, std::string_view bytes, bool first) {
  WireReader reader(bytes);
  bool more = reader.Next();
  auto field = type.fields.begin();
  while (more) {
    uint32_t number = reader.number();
    const char* from = reader.whole().data();
    const char* to = from;
    while (more && reader.number() == number) {
      to = reader.whole().data() + reader.whole().size();
      more = reader.Next();
    }
    while (field != type.fields.end() && field->number < number) ++field;
    if (field == type.fields.end() || field->number != number) continue;
    Separate(&first);
    *out_ += '"';
    *out_ += field->json_name;
    *out_ += "\":";
    Field(*field, {from, static_cast<size_t>(to - from)});
  }
}

void JsonWriter::Field(const crm::record::Field& field, std::string_view bytes) {
  if (field.map) return Map(field, bytes);
  WireReader reader(bytes);
  if (!field.repeated) {
    if (reader.Next()) Value(field, reader.type(), reader.varint(), reader.payload());
    return;
  }
  *out_ += '[';
  bool first = true;
  while (reader.Next()) {
    if (field.wire != WireType::kBytes && reader.type() == WireType::kBytes) {
      Packed(field, reader.payload(), &first);
    } else {
      Separate(&first);
      Value(field, reader.type(), reader.varint(), reader.payload());
    }
  }
  *out_ += ']';
}

void JsonWriter::Packed(const crm::record::Field& field, std::string_view payload, bool* first) {
  size_t size = field.wire == WireType::kFixed64 ? 8 : field.wire == WireType::kFixed32 ? 4 : 0;
  while (!payload.empty()) {
    uint64_t bits = 0;
    size_t length = std::min(size, payload.size());
    if (size > 0) {
      std::memcpy(&bits, payload.data(), length);
    } else {
      bool more = true;
      for (int shift = 0; more && length < payload.size() && shift < 70; ++length, shift += 7) {
        bits |= uint64_t{payload[length] & 0x7fu} << shift;
        more = (payload[length] & 0x80) != 0;
      }
    }
    Separate(first);
    Number(field, bits);
    payload.remove_prefix(length);
  }
}

void JsonWriter::Map(const crm::record::Field& field, std::string_view bytes) {
  *out_ += '{';
  bool first = true;
  WireReader entries(bytes);
  while (entries.Next()) {
    WireReader entry(entries.payload());
    for (const crm::record::Field& part : field.message->fields) {
      if (!entry.Next()) break;
      if (part.number == 1) Separate(&first);
      bool quoted = part.number == 1 && part.kind != Kind::kText && out_->back() != '"';
      size_t before = out_->size();
      Value(part, entry.type(), entry.varint(), entry.payload());
      // Names are texts, whatever the key is.
      if (quoted && (*out_)[before] != '"') {
        out_->insert(before, 1, '"');
        *out_ += '"';
      }
      if (part.number == 1) *out_ += ':';
    }
  }
  *out_ += '}';
}

void JsonWriter::Value(const crm::record::Field& field, WireType type, uint64_t bits,
                       std::string_view payload) {
  if (type != field.wire) {
    *out_ += "null";
    return;
  }
  switch (field.kind) {
    case Kind::kText:
    case Kind::kReference:
      return AppendJsonText(payload, out_);
    case Kind::kBytes:
      return AppendBase64(payload, out_);
    case Kind::kTime:
    case Kind::kDate:
    case Kind::kMoney:
    case Kind::kMessage:
      return Message(*field.message, payload);
    default:
      return Number(field, bits);
  }
}

void JsonWriter::Number(const crm::record::Field& field, uint64_t bits) {
  switch (field.proto_type) {
    case FieldDescriptor::TYPE_BOOL:
      *out_ += bits ? "true" : "false";
      return;
    case FieldDescriptor::TYPE_ENUM: {
      const OptionValue* value = field.options->Find(static_cast<int>(bits));
      if (!value) return AppendNumber(static_cast<int32_t>(bits), false, out_);
      *out_ += '"' + value->name + '"';
      return;
    }
    case FieldDescriptor::TYPE_DOUBLE: {
      double value;
      std::memcpy(&value, &bits, sizeof value);
      return AppendJsonDouble(value, out_);
    }
    case FieldDescriptor::TYPE_FLOAT: {
      float value;
      std::memcpy(&value, &bits, sizeof value);
      return AppendJsonFloat(value, out_);
    }
    case FieldDescriptor::TYPE_INT64:
    case FieldDescriptor::TYPE_SFIXED64:
      return AppendNumber(static_cast<int64_t>(bits), true, out_);
    case FieldDescriptor::TYPE_SINT64:
      return AppendNumber(static_cast<int64_t>(bits >> 1) ^ -static_cast<int64_t>(bits & 1), true,
                          out_);
    case FieldDescriptor::TYPE_UINT64:
    case FieldDescriptor::TYPE_FIXED64:
      return AppendNumber(bits, true, out_);
    case FieldDescriptor::TYPE_UINT32:
    case FieldDescriptor::TYPE_FIXED32:
      return AppendNumber(static_cast<uint32_t>(bits), false, out_);
    case FieldDescriptor::TYPE_SINT32:
      return AppendNumber(static_cast<int32_t>((bits >> 1) ^ -(bits & 1)), false, out_);
    default:
      return AppendNumber(static_cast<int32_t>(bits), false, out_);
  }
}

bool JsonWriter::WellKnown(const MessageType& type, std::string_view bytes) {
  if (!IsWellKnown(type.full_name)) return false;
  std::string_view name = std::string_view(type.full_name).substr(sizeof "google.protobuf." - 1);
  if (name == "Any") {
    Any(type, bytes);
    return true;
  }
  int64_t seconds = 0;
  int32_t nanos = 0;
  std::string paths;
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.type() == WireType::kBytes) AppendMaskPath(reader.payload(), &paths);
    if (reader.type() != WireType::kVarint) continue;
    if (reader.number() == 1) seconds = static_cast<int64_t>(reader.varint());
    if (reader.number() == 2) nanos = static_cast<int32_t>(reader.varint());
  }
  if (name == "FieldMask") AppendJsonText(paths, out_);
  if (name == "Timestamp") AppendTimestamp(seconds, nanos, out_);
  if (name == "Duration") AppendDuration(seconds, nanos, out_);
  return true;
}

void JsonWriter::Any(const MessageType& type, std::string_view bytes) {
  std::string_view url, value;
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.number() == 1) url = reader.payload();
    if (reader.number() == 2) value = reader.payload();
  }
  *out_ += '{';
  if (!url.empty()) {
    *out_ += "\"@type\":";
    AppendJsonText(url, out_);
    size_t slash = url.rfind('/');
    const MessageType* inside =
        slash == std::string_view::npos ? nullptr : type.tables->FindMessage(url.substr(slash + 1));
    if (inside && !IsWellKnown(inside->full_name)) {
      Members(*inside, value, false);
    } else {
      *out_ += ",\"value\":";
      // Of a type that is not known here, the bytes.
      inside ? Message(*inside, value) : AppendBase64(value, out_);
    }
  }
  *out_ += '}';
}

}  // namespace

std::string ToJson(const MessageType& type, std::string_view image) {
  std::string out;
  out.reserve(image.size() * 2);
  JsonWriter(&out).Message(type, image);
  return out;
}

std::string FieldJson(const Field& field, std::string_view bytes) {
  std::string out;
  JsonWriter(&out).Field(field, bytes);
  return out;
}

}  // namespace crm::record
