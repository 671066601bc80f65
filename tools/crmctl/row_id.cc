#include "tools/crmctl/row_id.h"

#include <openssl/sha.h>

#include "libs/record/uuid.h"

namespace crm::ctl {

std::string RowId(const std::string& tenant, const std::string& import_id, int64_t row) {
  std::string hashed = tenant + '\0' + import_id + '\0' + std::to_string(row);
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(hashed.data()), hashed.size(), digest);
  record::Uuid uuid;
  for (size_t i = 0; i < uuid.bytes.size(); ++i) uuid.bytes[i] = digest[i];
  uuid.bytes[6] = static_cast<uint8_t>((uuid.bytes[6] & 0x0f) | 0x80);
  uuid.bytes[8] = static_cast<uint8_t>((uuid.bytes[8] & 0x3f) | 0x80);
  return uuid.Text();
}

}  // namespace crm::ctl
