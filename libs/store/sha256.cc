#include "libs/store/sha256.h"

#include <openssl/evp.h>

#include <array>

#include "libs/record/check.h"
#include "libs/store/key.h"

namespace crm::store {

void Sha256::Free::operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  CRM_CHECK(context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
}

void Sha256::Add(std::string_view bytes) {
  CRM_CHECK(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
}

void Sha256::AddRow(std::initializer_list<std::string_view> parts) {
  for (const auto part : parts) {
    Add(NumberValue(static_cast<int64_t>(part.size())));
    Add(part);
  }
}

std::string Sha256::Hex() {
  std::array<unsigned char, 32> digest{};
  CRM_CHECK(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) == 1);
  std::string hex;
  for (const unsigned char byte : digest) {
    hex.push_back("0123456789abcdef"[byte >> 4]);
    hex.push_back("0123456789abcdef"[byte & 15]);
  }
  return hex;
}

}  // namespace crm::store
