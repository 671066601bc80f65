#pragma once

#include <cstdio>
#include <cstdlib>

// We are wrong: an invariant of our own does not hold. Stays on in release builds; nothing that a
// client sends may reach it. The process ends, and a restart continues from the log.
#define CRM_CHECK(condition)                                                                 \
  do {                                                                                       \
    if (!(condition)) {                                                                      \
      std::fprintf(stderr, "%s:%d: broken invariant: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                          \
    }                                                                                        \
  } while (false)
