#pragma once

#include <functional>

#include "crm/event/v1/event.pb.h"
#include "libs/shard/command.h"

namespace crm::shard {

// What became of a command that nobody sent: a reactor's, or a timer's.
struct OwnOutcome {
  record::Status status;  // code 0: it is decided
  bool wrote = false;     // there was something to change
  uint64_t ticket = 0;    // of the last commit that deciding it may have seen, its own included
};

// How reactors and timers have their commands decided, on the shard's thread.
struct Deciding {
  std::function<OwnOutcome(Command)> decide;
  // Appends a position record; gives its ticket.
  std::function<uint64_t(const event::v1::Reached&)> note;
};

}  // namespace crm::shard
