#include "libs/log/record.h"

#include "libs/record/wire.h"

namespace crm::log {

std::string EncodeBody(const Envelope& envelope, std::string_view value) {
  const size_t size = envelope.ByteSizeLong();
  std::string body;
  body.reserve(size + value.size() + 5);
  record::AppendVarint(size, &body);
  const size_t begin = body.size();
  body.resize(begin + size);
  envelope.SerializeWithCachedSizesToArray(reinterpret_cast<uint8_t*>(body.data()) + begin);
  body.append(value);
  return body;
}

std::optional<BodyParts> SplitBody(std::string_view body) {
  uint64_t size = 0;
  size_t at = 0;
  for (int shift = 0;; shift += 7) {
    if (at == body.size() || shift > 28) return std::nullopt;
    const auto byte = static_cast<uint8_t>(body[at++]);
    size |= uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) break;
  }
  if (size > body.size() - at) return std::nullopt;
  return BodyParts{body.substr(at, size), body.substr(at + size)};
}

std::string KeyOf(const Envelope& envelope) {
  if (envelope.tenant().empty()) return {};
  return envelope.tenant() + "/" + envelope.subject();
}

}  // namespace crm::log
