#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace crm::ctl {

struct MailFile {
  std::string file_name;
  std::string media_type;
  std::string content;
};

// A message of RFC 5322, with MIME, as the CRM keeps it.
struct Mail {
  std::string refusal;   // empty: it is one
  nlohmann::json email;  // crm.activity.v1.Email in protobuf's JSON
  std::vector<MailFile> files;
};

// Reads what a program exported or a server received; leniently, as such messages are. A message
// without Message-ID gets one from its content, so that it is known the next time.
Mail ReadMail(std::string_view bytes);

}  // namespace crm::ctl
