#pragma once

#include <cstdint>

#include "libs/record/mutations.h"

// Each mutation breaks one thing that a shard must do.
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

using Mutations = record::MutationSet<Mutation>;

}  // namespace crm::shard
