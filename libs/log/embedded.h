#pragma once

#include <memory>
#include <string>

#include "libs/log/log.h"
#include "libs/record/result.h"

namespace crm::log {

struct EmbeddedOptions {
  std::string folder;  // created if missing
  int partitions = 4;  // of a new log; an existing one must have as many
  size_t segment_bytes = 64 << 20;
};

// All partitions of a service in one sequence of preallocated segment files in a folder, with one
// fdatasync for everything that came in while the one before was under way. The folder is locked.
// After a crash, what follows the last whole message (CRC32C) is cut off, and so was never
// reported as written. A damaged message with ones behind it that were written later is refused:
// that is no crash.
record::Result<std::unique_ptr<Log>> OpenEmbedded(const EmbeddedOptions& options);

}  // namespace crm::log
