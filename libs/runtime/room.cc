#include "libs/runtime/room.h"

#include <cstdint>
#include <filesystem>
#include <system_error>

namespace crm::runtime {
namespace {

constexpr uintmax_t kMiB = 1 << 20;
constexpr uintmax_t kToStart = 32 * kMiB;
// Of all stores of the process together, and as much again for what is merged meanwhile.
constexpr uintmax_t kToFlush = 1024 * kMiB;

// What can not be told is not refused.
uintmax_t FreeBytes(const std::string& folder) {
  std::error_code error;
  const auto space = std::filesystem::space(folder, error);
  return error ? UINTMAX_MAX : space.available;
}

}  // namespace

record::Result<record::Done> MakeFolderWithRoom(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return record::Error{"creating " + folder + " (--data): " + error.message()};
  const uintmax_t free = FreeBytes(folder);
  if (free >= kToStart) return record::Done{};
  return record::Error{"the disk of " + folder +
                       " (--data) is full: " + std::to_string(free / kMiB) + " MiB are free, and " +
                       std::to_string(kToStart / kMiB) + " are needed to start"};
}

bool HasRoomToFlush(const std::string& folder) { return FreeBytes(folder) >= kToFlush; }

}  // namespace crm::runtime
