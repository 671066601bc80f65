#pragma once

#include <string>

namespace crm::bench {

// A lead with some 25 fields set, as people fill them in, different for each number.
std::string CreateLeadBytes(int number);
std::string GetLeadBytes(const std::string& name);
// Changes telephone, rating and description.
std::string UpdateLeadBytes(const std::string& name, int number);

}  // namespace crm::bench
