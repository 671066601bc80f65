#include "libs/log/cause.h"

#include <charconv>

namespace crm::log {
namespace {

template <class Number>
bool ReadAll(std::string_view digits, Number* number) {
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), *number);
  return error == std::errc() && end == digits.data() + digits.size();
}

}  // namespace

std::string Cause::Text() const {
  return service + "/" + std::to_string(partition) + "@" + std::to_string(offset);
}

std::optional<Cause> Cause::Parse(std::string_view text) {
  const size_t slash = text.find('/');
  const size_t at = text.find('@');
  if (slash == std::string_view::npos || at == std::string_view::npos || at < slash) return {};
  Cause cause;
  cause.service = text.substr(0, slash);
  if (!ReadAll(text.substr(slash + 1, at - slash - 1), &cause.partition)) return {};
  if (!ReadAll(text.substr(at + 1), &cause.offset)) return {};
  return cause;
}

}  // namespace crm::log
