#pragma once

#include <string>

#include "tests/server/process.h"

// The programs that docs/events.md gives to analysts, run as they stand there.
namespace crm::test {

// All of its Python, in one piece.
std::string DocumentedPython();

// What it prints about a topic, decoded with the descriptor set in a file.
Finished ReplayWithPython(const std::string& brokers, const std::string& topic,
                          const std::filesystem::path& descriptors);

}  // namespace crm::test
