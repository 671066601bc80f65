#include "tools/crmctl/vcard_property.h"

#include <glib.h>

#include <algorithm>
#include <cctype>

namespace crm::ctl {
namespace {

std::string Upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::toupper(letter)); });
  return text;
}

std::string Trimmed(const std::string& text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

std::string Taken(char* text) {
  std::string taken = text == nullptr ? "" : text;
  g_free(text);
  return taken;
}

std::string InUtf8(const std::string& bytes, const std::string& charset) {
  if (!charset.empty()) {
    char* converted = g_convert(bytes.data(), static_cast<gssize>(bytes.size()), "UTF-8",
                                charset.c_str(), nullptr, nullptr, nullptr);
    if (converted != nullptr) return Taken(converted);
  }
  return Taken(g_utf8_make_valid(bytes.data(), static_cast<gssize>(bytes.size())));
}

std::string FromQuotedPrintable(const std::string& text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '=' && i + 2 < text.size() && g_ascii_isxdigit(text[i + 1]) &&
                        g_ascii_isxdigit(text[i + 2]);
    if (!escape) {
      decoded += text[i];
      continue;
    }
    decoded += static_cast<char>(g_ascii_xdigit_value(text[i + 1]) * 16 +
                                 g_ascii_xdigit_value(text[i + 2]));
    i += 2;
  }
  return decoded;
}

bool EndsSoftly(const std::string& line) {
  return !line.empty() && line.back() == '=' &&
         Upper(line.substr(0, line.find(':'))).find("QUOTED-PRINTABLE") != std::string::npos;
}

// Lines that a program had broken are whole again: they go on after a blank, or after the `=` of
// quoted-printable.
std::vector<std::string> Unfolded(std::string_view bytes) {
  std::vector<std::string> lines;
  bool goes_on = false;
  for (size_t begin = 0; begin < bytes.size();) {
    const size_t end = std::min(bytes.find('\n', begin), bytes.size());
    std::string line(bytes.substr(begin, end - begin));
    begin = end + 1;
    if (!line.empty() && line.back() == '\r') line.pop_back();
    const bool folded = !line.empty() && (line[0] == ' ' || line[0] == '\t');
    if (!lines.empty() && goes_on) {
      lines.back().pop_back();
      lines.back() += line;
    } else if (!lines.empty() && folded) {
      lines.back() += line.substr(1);
    } else if (!line.empty()) {
      lines.push_back(line);
    }
    goes_on = !lines.empty() && EndsSoftly(lines.back());
  }
  return lines;
}

// At semicolons that no backslash precedes; escapes are resolved.
std::vector<std::string> PartsOf(const std::string& value) {
  std::vector<std::string> parts(1);
  for (size_t i = 0; i < value.size(); ++i) {
    if (value[i] == ';') {
      parts.emplace_back();
    } else if (value[i] == '\\' && i + 1 < value.size()) {
      const char next = value[++i];
      parts.back() += next == 'n' || next == 'N' ? '\n' : next;
    } else {
      parts.back() += value[i];
    }
  }
  for (std::string& part : parts) part = Trimmed(part);
  return parts;
}

// Where the value begins: after the first colon outside quotes.
size_t ColonOf(const std::string& line) {
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') quoted = !quoted;
    if (line[i] == ':' && !quoted) return i;
  }
  return std::string::npos;
}

std::vector<std::string> SplitAt(const std::string& text, char at) {
  std::vector<std::string> pieces(1);
  for (char letter : text) {
    if (letter == at) {
      pieces.emplace_back();
    } else if (letter != '"') {
      pieces.back() += letter;
    }
  }
  return pieces;
}

CardProperty PropertyOf(const std::string& line, size_t colon) {
  CardProperty property;
  const auto parameters = SplitAt(line.substr(0, colon), ';');
  property.name = Trimmed(Upper(parameters[0].substr(parameters[0].rfind('.') + 1)));
  std::string value = line.substr(colon + 1);
  std::string charset;
  for (size_t i = 1; i < parameters.size(); ++i) {
    const size_t equals = parameters[i].find('=');
    const std::string key = Upper(parameters[i].substr(0, equals));
    const std::string given = equals == std::string::npos ? key : parameters[i].substr(equals + 1);
    if (key == "CHARSET") charset = given;
    if (key == "TYPE" || equals == std::string::npos) {
      for (const std::string& type : SplitAt(Upper(given), ',')) property.types.insert(type);
    }
    const std::string coding = Upper(given);
    if (coding == "QUOTED-PRINTABLE") value = FromQuotedPrintable(value);
    if (key == "ENCODING" && (coding == "B" || coding == "BASE64")) property.binary = true;
    if (coding == "BASE64") property.binary = true;
  }
  property.parts = PartsOf(InUtf8(value, charset));
  return property;
}

}  // namespace

std::string CardProperty::Text() const {
  std::string text;
  for (const std::string& part : parts) {
    if (!text.empty() && !part.empty()) text += ", ";
    text += part;
  }
  return text;
}

std::vector<CardProperty> ReadCardProperties(std::string_view bytes) {
  constexpr std::string_view kMark = "\xef\xbb\xbf";
  if (bytes.substr(0, kMark.size()) == kMark) bytes.remove_prefix(kMark.size());
  std::vector<CardProperty> properties;
  for (const std::string& line : Unfolded(bytes)) {
    const size_t colon = ColonOf(line);
    if (colon != std::string::npos) properties.push_back(PropertyOf(line, colon));
  }
  return properties;
}

}  // namespace crm::ctl
