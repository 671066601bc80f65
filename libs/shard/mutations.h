#pragma once

#include <cstdint>

// Each mutation breaks one thing that a shard must do, so that a test can show which check notices.
// They exist only in builds with RECALL_MUTATIONS; elsewhere Has() is a constant.
namespace crm::shard {

enum class Mutation : uint8_t {
  kSkipOverlay,         // commands do not see what was decided before and is not confirmed
  kAnswerBeforeAppend,  // a command is answered OK as soon as it is decided
  kDropEvent,           // the first event of a commit of several is left out
  kForgetRequest,       // a commit does not carry its request id
  kApplyTwice,          // a command's events are appended twice
  kNoRequestLookup,     // D1: nobody looks whether a request id was seen before
  kNoReachedLookup,     // X1: a reactor relies on request ids, not on its position in the log
};

class Mutations {
 public:
  constexpr Mutations() = default;
#ifdef RECALL_MUTATIONS
  constexpr explicit Mutations(Mutation one) : bits_(1u << static_cast<unsigned>(one)) {}
  constexpr bool Has(Mutation one) const { return (bits_ >> static_cast<unsigned>(one)) & 1u; }

 private:
  uint32_t bits_ = 0;
#else
  static constexpr bool Has(Mutation) { return false; }
#endif
};

}  // namespace crm::shard
