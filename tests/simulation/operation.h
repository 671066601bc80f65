#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "libs/rpc/dispatcher.h"

namespace crm::simulation {

// One call of an operation to one process, and what came back. `invoked` and `responded` are
// places in the one order in which things happen in the world.
struct Attempt {
  size_t process = 0;
  uint64_t invoked = 0;
  uint64_t responded = 0;  // 0: no answer
  rpc::Answer answer;
  int64_t position = -1;  // that the answer carries
  int64_t log_end = 0;    // when it was answered
};

// What a client wants, whoever does it in the end. All its attempts have the same bytes.
struct Operation {
  size_t number = 0;
  std::string tenant;
  std::string user;
  std::string path;  // of the method
  std::string request;
  std::string request_id;  // it is in the request too
  bool reads = false;
  bool validate_only = false;
  bool confirmed = false;    // a read through the barrier
  std::string min_position;  // of a read, as a position's text
  std::deque<Attempt> attempts;

  std::string method() const { return path.substr(path.rfind('/') + 1); }
  std::string Describe() const {
    return "operation " + std::to_string(number) + " " + method() +
           (request_id.empty() ? "" : " (" + request_id + ")");
  }
};

// What an operation is recognised by in the log.
inline std::string TraceOf(size_t number) { return "operation-" + std::to_string(number); }

}  // namespace crm::simulation
