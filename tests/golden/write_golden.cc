#include <cstdio>
#include <filesystem>
#include <fstream>

#include "libs/record/built_in.h"
#include "libs/record/image.h"
#include "tests/golden/golden_file.h"
#include "tests/golden/sample_events.h"

// Writes the golden file of each event type that has none yet. Files that exist are left alone:
// what was released once must decode for ever.
int main() {
  const auto catalogue = crm::record::BuiltInCatalogue();
  if (!catalogue) {
    std::fprintf(stderr, "%s\n", catalogue.error().text.c_str());
    return 1;
  }
  for (const auto& sample : crm::golden::SampleEvents()) {
    const std::string path = std::string(RECALL_GOLDEN "/") + sample.envelope.type() + ".txt";
    if (std::filesystem::exists(path)) continue;
    const std::string& schema = sample.envelope.dataschema();
    const auto* root = (*catalogue)->FindMessage(schema.substr(schema.find('#') + 1));
    const auto value = crm::record::Normalise(*root, sample.value);
    if (!value) {
      std::fprintf(stderr, "%s: %s\n", path.c_str(), value.error().text.c_str());
      return 1;
    }
    crm::golden::GoldenFile file;
    file.headers = crm::log::ToHeaders(sample.envelope);
    file.body = crm::log::EncodeBody(sample.envelope, *value);
    std::ofstream(path, std::ios::binary) << file.Text();
    std::printf("%s\n", path.c_str());
  }
  return 0;
}
