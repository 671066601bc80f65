#include "tools/crmctl/output.h"

#include <cerrno>
#include <cstdio>
#include <iostream>
#include <system_error>

#include "tools/crmctl/failure.h"

namespace crm::ctl {

void CheckOutput() {
  if (std::cout) return;
  // The output is broken already: one byte more, to learn why.
  std::clearerr(stdout);
  errno = 0;
  if (std::putchar('\n') != EOF) std::fflush(stdout);
  // Whoever has closed a pipe, as `head` does, does not wait for an explanation.
  throw OutputError(errno == EPIPE ? "" : WriteFault("standard output"));
}

void FlushOutput() {
  std::cout.flush();
  CheckOutput();
}

std::string WriteFault(const std::string& name) {
  std::string text = "can't write " + name;
  if (errno != 0) text += ": " + std::generic_category().message(errno);
  return text;
}

}  // namespace crm::ctl
