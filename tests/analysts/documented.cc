#include "tests/analysts/documented.h"

#include <sstream>

namespace crm::test {

std::string DocumentedPython() {
  std::istringstream page(ReadText(std::filesystem::path(PROJECT_FOLDER) / "docs/events.md"));
  std::string code;
  bool inside = false;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("```")) {
      inside = line == "```python";
    } else if (inside) {
      code += line + '\n';
    }
  }
  return code;
}

Finished ReplayWithPython(const std::string& brokers, const std::string& topic,
                          const std::filesystem::path& descriptors) {
  const TemporaryFolder folder;
  const auto program = folder.path() / "replay.py";
  WriteText(program, DocumentedPython());
  // Debian's own, which has Debian's packages for Python.
  return Run({"/usr/bin/python3", program.string(), brokers, topic, descriptors.string()});
}

}  // namespace crm::test
