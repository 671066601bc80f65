#pragma once

#include <string>

// Standard output may be a file on a full disk: what a command prints counts only once it is
// written.
namespace crm::ctl {

// Throws OutputError when some of what was printed could not be written. A long output asks now and
// then, so that it ends soon.
void CheckOutput();
// Writes what waits still; the same.
void FlushOutput();

// `can't write NAME: No space left on device`, with what the system has just said in errno.
std::string WriteFault(const std::string& name);

}  // namespace crm::ctl
