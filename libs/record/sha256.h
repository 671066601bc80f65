#pragma once

#include <openssl/types.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace crm::record {

// Lower-case hexadecimal digits, two for each byte.
std::string Hex(std::string_view bytes);

// SHA-256 of what is added. OpenSSL's algorithm is looked up once for all: its own SHA256() does it
// with every call, which takes longer than hashing a name.
class Sha256 {
 public:
  using Digest = std::array<uint8_t, 32>;

  Sha256();
  void Add(std::string_view bytes);
  // Once, at the end.
  Digest Finish();
  std::string FinishHex();

  static Digest Of(std::string_view bytes);
  static std::string HexOf(std::string_view bytes);

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const;
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

}  // namespace crm::record
