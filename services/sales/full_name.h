#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace crm::sales {

// A person's name in one line, as far as its parts are known.
inline std::string FullName(std::initializer_list<std::string_view> parts) {
  std::string full_name;
  for (std::string_view part : parts) {
    if (part.empty()) continue;
    if (!full_name.empty()) full_name.push_back(' ');
    full_name.append(part);
  }
  return full_name;
}

}  // namespace crm::sales
