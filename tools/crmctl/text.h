#pragma once

#include <string>
#include <string_view>
#include <vector>

// Small things that are done to text.
namespace crm::ctl {

// Without ASCII white space on either end.
std::string_view Trimmed(std::string_view text);
// ASCII letters only; all else stays.
std::string Lower(std::string_view text);
std::string Upper(std::string_view text);
// ContactMethod -> CONTACT_METHOD
std::string SnakeUpper(std::string_view text);
// How many bytes are UTF-8; all, if the whole text is.
size_t Utf8Prefix(std::string_view text);
// Every byte that is no printable ASCII character as `\xfc`.
std::string Escaped(std::string_view text);
// Parts may be empty; an empty text has none.
std::vector<std::string> Split(std::string_view text, char separator);
std::string Join(const std::vector<std::string>& texts, std::string_view separator);

}  // namespace crm::ctl
