#include "libs/record/name.h"

#include <algorithm>

namespace crm::record {
namespace {

constexpr size_t kMaxCollection = 63;
constexpr size_t kUuidText = 36;

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::string Name::Text() const {
  std::string text(collection);
  text += '/';
  text += id.Text();
  return text;
}

std::optional<Name> Name::Parse(std::string_view text) {
  if (text.size() < kUuidText + 2 || text.size() > kUuidText + 1 + kMaxCollection)
    return std::nullopt;
  size_t slash = text.size() - kUuidText - 1;
  if (text[slash] != '/' || !IsLower(text[0])) return std::nullopt;
  Name name;
  name.collection = text.substr(0, slash);
  for (char c : name.collection) {
    if (!IsLower(c) && !IsDigit(c) && c != '_') return std::nullopt;
  }
  std::string_view id = text.substr(slash + 1);
  // A record has one name: upper case would make a second one.
  if (std::any_of(id.begin(), id.end(), [](char c) { return c >= 'A' && c <= 'F'; }))
    return std::nullopt;
  auto uuid = Uuid::Parse(id);
  if (!uuid) return std::nullopt;
  name.id = *uuid;
  return name;
}

bool IsTenantId(std::string_view text) {
  if (text.empty() || text.size() > 63 || !IsLower(text[0])) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return IsLower(c) || IsDigit(c) || c == '-'; });
}

}  // namespace crm::record
