#include "libs/record/sha256.h"

#include <openssl/evp.h>

#include "libs/record/check.h"

namespace crm::record {
namespace {

void Begin(EVP_MD_CTX* context) {
  static const EVP_MD* const kAlgorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  CRM_CHECK(kAlgorithm != nullptr && context != nullptr);
  CRM_CHECK(EVP_DigestInit_ex2(context, kAlgorithm, nullptr) == 1);
}

void Update(EVP_MD_CTX* context, std::string_view bytes) {
  CRM_CHECK(EVP_DigestUpdate(context, bytes.data(), bytes.size()) == 1);
}

Sha256::Digest End(EVP_MD_CTX* context) {
  Sha256::Digest digest;
  CRM_CHECK(EVP_DigestFinal_ex(context, digest.data(), nullptr) == 1);
  return digest;
}

std::string HexOfDigest(const Sha256::Digest& digest) {
  return Hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace

std::string Hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<uint8_t>(c);
    hex.push_back(kDigits[byte >> 4]);
    hex.push_back(kDigits[byte & 15]);
  }
  return hex;
}

void Sha256::Free::operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }

Sha256::Sha256() : context_(EVP_MD_CTX_new()) { Begin(context_.get()); }

void Sha256::Add(std::string_view bytes) { Update(context_.get(), bytes); }

Sha256::Digest Sha256::Finish() { return End(context_.get()); }

std::string Sha256::FinishHex() { return HexOfDigest(Finish()); }

// One context for each thread: making one takes as long as hashing a name.
Sha256::Digest Sha256::Of(std::string_view bytes) {
  thread_local const struct Context {
    EVP_MD_CTX* const of_thread = EVP_MD_CTX_new();
    ~Context() { EVP_MD_CTX_free(of_thread); }
  } context;
  Begin(context.of_thread);
  Update(context.of_thread, bytes);
  return End(context.of_thread);
}

std::string Sha256::HexOf(std::string_view bytes) { return HexOfDigest(Of(bytes)); }

}  // namespace crm::record
