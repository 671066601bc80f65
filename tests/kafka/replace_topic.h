#pragma once

#include <string>

namespace crm::test {

// Deletes a topic and makes another one of its name, with one partition and nothing in it. False:
// it did not succeed within two minutes.
bool ReplaceTopic(const std::string& brokers, const std::string& topic);

}  // namespace crm::test
