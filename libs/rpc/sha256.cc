#include "libs/rpc/sha256.h"

#include <openssl/evp.h>

#include "libs/record/check.h"

namespace crm::rpc {

std::array<uint8_t, 32> Sha256(std::string_view bytes) {
  static const EVP_MD* const kAlgorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  thread_local const struct Context {
    EVP_MD_CTX* const of_thread = EVP_MD_CTX_new();
    ~Context() { EVP_MD_CTX_free(of_thread); }
  } context;
  std::array<uint8_t, 32> digest;
  CRM_CHECK(kAlgorithm != nullptr && context.of_thread != nullptr);
  CRM_CHECK(EVP_DigestInit_ex2(context.of_thread, kAlgorithm, nullptr) == 1);
  CRM_CHECK(EVP_DigestUpdate(context.of_thread, bytes.data(), bytes.size()) == 1);
  CRM_CHECK(EVP_DigestFinal_ex(context.of_thread, digest.data(), nullptr) == 1);
  return digest;
}

}  // namespace crm::rpc
