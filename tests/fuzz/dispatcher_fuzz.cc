#include <google/protobuf/stubs/logging.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "libs/record/built_in.h"
#include "libs/record/check.h"
#include "tests/fuzz/world.h"

// Any bytes to any method over a store with records. An input is the method's path, a line feed and
// the request; the seeds in corpus/ are requests of the acceptance tests.
namespace {

constexpr int kCallsPerWorld = 2'000;  // so that records do not pile up

void ReadNothing(google::protobuf::LogLevel, const char*, int, const std::string&) {}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto catalogue = crm::record::BuiltInCatalogue();
  // Never destroyed: at exit RocksDB's own statics would be gone before it.
  static auto& world = *new std::unique_ptr<crm::fuzz::World>;
  static int calls = 0;
  CRM_CHECK(catalogue);
  if (calls++ % kCallsPerWorld == 0) {
    google::protobuf::SetLogHandler(ReadNothing);
    world.reset();
    world = std::make_unique<crm::fuzz::World>(**catalogue);
  }
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t line = input.find('\n');
  if (line == std::string_view::npos) return -1;
  CRM_CHECK(world->Call(
      crm::fuzz::CallOf(std::string(input.substr(0, line)), std::string(input.substr(line + 1)))));
  return 0;
}
