#pragma once

#include <cstdint>
#include <string>
#include <vector>

// Is there one order of all operations on a record, each at an instant between its invocation and
// its end, in which every read shows what the newest write before it wrote?
//
// The search is Wing and Gong's (1993) with Lowe's memory of the configurations that led nowhere
// (2017), as Porcupine does it.
namespace crm::test {

// An operation on one record, which holds one value. Each write writes a value of its own.
struct Operation {
  enum class Kind { kRead, kWrite };
  Kind kind = Kind::kRead;
  int64_t value = 0;    // written, or read; a record that was never written holds 0
  int64_t invoked = 0;  // by one clock for all clients
  int64_t ended = 0;    // kNever: nobody knows whether it happened, nor when
};
inline constexpr int64_t kNever = INT64_MAX;

// Reads that ended with an error must be left out; writes that did have `ended` kNever.
bool IsLinearizable(const std::vector<Operation>& history);

// For a failure's message: in the order of invocation, a line for each.
std::string Print(const std::vector<Operation>& history);

}  // namespace crm::test
