#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "libs/runtime/settings.h"

// Names, explanations and limits of all settings.
namespace crm::runtime {

struct Setting {
  std::string name;  // `max-message-bytes`: of the flag and in the file
  std::string text;
  std::variant<std::string*, int64_t*, bool*, std::vector<std::string>*> value;
  CLI::Validator check{};
  bool secret = false;
  std::string variable{};  // of the environment, unless it is CRM_MAX_MESSAGE_BYTES
};

// Every setting there is; the values are those of `settings`.
std::vector<Setting> TableOf(Settings& settings);
// Of the environment.
std::string VariableOf(const Setting& setting);

}  // namespace crm::runtime
