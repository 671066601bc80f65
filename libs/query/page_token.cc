#include "libs/query/page_token.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "libs/query/position.h"
#include "libs/record/spans.h"
#include "libs/record/wire.h"

namespace crm::query {
namespace {

constexpr size_t kSealBytes = 16;

std::string SealOf(std::string_view key, std::string_view question, std::string_view content) {
  std::string text(question);
  text.push_back('\0');
  text.append(content);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest, &size);
  return {reinterpret_cast<const char*>(digest), kSealBytes};
}

}  // namespace

std::string PageToken::Seal(std::string_view key, std::string_view question) const {
  std::string content;
  record::AppendBytesField(1, last_key, &content);
  record::AppendVarintField(2, static_cast<uint64_t>(position + 1), &content);
  return ToBase64Url(SealOf(key, question, content) + content);
}

std::optional<PageToken> PageToken::Open(std::string_view token, std::string_view key,
                                         std::string_view question) {
  auto bytes = FromBase64Url(token);
  if (!bytes || bytes->size() < kSealBytes) return std::nullopt;
  const std::string content = bytes->substr(kSealBytes);
  const std::string seal = SealOf(key, question, content);
  if (CRYPTO_memcmp(seal.data(), bytes->data(), kSealBytes) != 0) return std::nullopt;
  auto spans = record::Spans::Read(content);
  if (!spans) return std::nullopt;
  return PageToken{std::string(spans->Text(1)), static_cast<int64_t>(spans->Integer(2)) - 1};
}

}  // namespace crm::query
