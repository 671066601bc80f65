#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace crm::query {

// Where a page ended. Clients carry it, sealed with an HMAC over it and over everything the next
// page must have in common with this one, so that none is forged or used for another question.
struct PageToken {
  std::string last_key;   // of the index: values and id; or what the method goes on from
  int64_t position = -1;  // as-of position of the list; -1: now

  // `question`: tenant, method and request fields, joined.
  std::string Seal(std::string_view key, std::string_view question) const;
  static std::optional<PageToken> Open(std::string_view token, std::string_view key,
                                       std::string_view question);
};

}  // namespace crm::query
