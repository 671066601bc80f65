#pragma once

#include <google/protobuf/descriptor.h>

#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "libs/record/wire.h"

// Random spellings of a message's bytes, for tests.
namespace crm::record {

class Respelling {
 public:
  explicit Respelling(uint64_t seed) : random_(seed) {}

  // The same message, written as another program might: fields in another order, numbers longer
  // than they need be, lists unpacked, messages in pieces, values that a later one replaces.
  std::string Respell(const google::protobuf::Descriptor& type, const std::string& bytes) {
    // Spans of one field keep their order, since it means something.
    std::map<uint32_t, std::vector<std::string>> groups;
    WireReader reader(bytes);
    while (reader.Next()) {
      const auto* field = type.FindFieldByNumber(static_cast<int>(reader.number()));
      for (std::string& part : RespellField(field, reader)) {
        groups[reader.number()].push_back(std::move(part));
      }
    }
    std::string result;
    while (!groups.empty()) {
      auto at = std::next(groups.begin(), static_cast<ptrdiff_t>(Below(groups.size())));
      result += at->second.front();
      at->second.erase(at->second.begin());
      if (at->second.empty()) groups.erase(at);
    }
    return result;
  }

 private:
  using FieldDescriptor = google::protobuf::FieldDescriptor;

  uint64_t Below(uint64_t limit) { return random_() % limit; }
  bool OneIn(uint64_t n) { return Below(n) == 0; }

  void AppendLongVarint(uint64_t value, std::string* out) {
    AppendVarint(value, out);
    if (out->size() < 9 && OneIn(4)) {
      out->back() = static_cast<char>(out->back() | 0x80);
      *out += '\0';
    }
  }

  std::string One(uint32_t number, WireType type, uint64_t value, std::string_view payload) {
    std::string tag, content;
    AppendLongVarint(uint64_t{number} << 3 | static_cast<uint64_t>(type), &tag);
    if (type == WireType::kVarint) {
      AppendLongVarint(value, &content);
      return tag + content;
    }
    if (type == WireType::kBytes) AppendLongVarint(payload.size(), &content);
    return tag + content + std::string(payload);
  }

  std::vector<std::string> RespellField(const FieldDescriptor* field, const WireReader& reader) {
    uint32_t number = reader.number();
    if (field && field->is_packed() && reader.type() == WireType::kBytes)
      return Unpack(*field, reader.payload());
    if (field && field->message_type() && reader.type() == WireType::kBytes) {
      std::string content = Respell(*field->message_type(), std::string(reader.payload()));
      if (field->is_repeated() || !OneIn(3) || field->real_containing_oneof())
        return {One(number, WireType::kBytes, 0, content)};
      // In two pieces, which are merged when they are read.
      size_t cut = 0;
      WireReader pieces(content);
      while (pieces.Next() && OneIn(2)) cut += pieces.whole().size();
      return {One(number, WireType::kBytes, 0, content.substr(0, cut)),
              One(number, WireType::kBytes, 0, content.substr(cut))};
    }
    std::vector<std::string> parts;
    if (field && !field->is_repeated() && OneIn(4)) {
      parts.push_back(One(number, reader.type(), reader.varint() + 1,
                          reader.type() == WireType::kBytes ? "earlier" : reader.payload()));
    }
    parts.push_back(One(number, reader.type(), reader.varint(), reader.payload()));
    return parts;
  }

  std::vector<std::string> Unpack(const FieldDescriptor& field, std::string_view payload) {
    uint32_t number = static_cast<uint32_t>(field.number());
    std::vector<std::string> parts;
    if (OneIn(2) || field.type() == FieldDescriptor::TYPE_DOUBLE ||
        field.type() == FieldDescriptor::TYPE_FLOAT) {
      return {One(number, WireType::kBytes, 0, payload)};
    }
    while (!payload.empty()) {
      std::string one;
      AppendTag(1, WireType::kVarint, &one);
      one += payload.substr(0, 10);
      WireReader reader(one);
      if (!reader.Next()) return {};
      payload.remove_prefix(reader.payload().size());
      parts.push_back(One(number, WireType::kVarint, reader.varint(), {}));
    }
    return parts;
  }

  std::mt19937_64 random_;
};

}  // namespace crm::record
