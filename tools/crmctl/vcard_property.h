#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace crm::ctl {

// One line of a vCard, unfolded and decoded.
struct CardProperty {
  std::string name;             // in upper case, without its group
  std::set<std::string> types;  // WORK, CELL, …: in upper case, however the version writes them
  std::vector<std::string> parts;  // of the value, at the semicolons
  bool binary = false;             // Base64

  bool Is(const char* type) const { return types.contains(type); }
  std::string Part(size_t i) const { return i < parts.size() ? parts[i] : ""; }
  std::string Text() const;  // all parts, with commas between them
};

// The properties of a file, BEGIN and END among them.
std::vector<CardProperty> ReadCardProperties(std::string_view bytes);

}  // namespace crm::ctl
