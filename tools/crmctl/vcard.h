#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace crm::ctl {

// One card of RFC 6350, RFC 2426 or vCard 2.1, as the CRM keeps it.
struct Card {
  std::string uid;         // of the program that wrote it; else a hash of the card
  std::string company;     // the organization's name
  nlohmann::json contact;  // crm.sales.v1.Contact in protobuf's JSON
  std::string refusal;     // empty: it is a contact
};

// All cards of a file, read leniently, as address books write them. What no field of a contact
// takes is kept as a line of the description; pictures, sounds and keys are left out.
std::vector<Card> ReadCards(std::string_view bytes);

}  // namespace crm::ctl
