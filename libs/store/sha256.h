#pragma once

#include <openssl/types.h>

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

namespace crm::store {

class Sha256 {
 public:
  Sha256();
  void Add(std::string_view bytes);
  // Each part with its length (8 bytes, big-endian) before it.
  void AddRow(std::initializer_list<std::string_view> parts);
  // Once, at the end.
  std::string Hex();

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const;
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

}  // namespace crm::store
