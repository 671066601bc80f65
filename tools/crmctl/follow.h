#pragma once

#include <functional>
#include <string>

#include "crm/record/v1/methods.pb.h"
#include "tools/crmctl/session.h"

namespace crm::ctl {

// One change of a record, as a watch sends it.
struct SeenChange {
  crm::record::v1::Change change;
  const Message* record = nullptr;   // after the change; null: deleted
  const Message* message = nullptr;  // both, as they were sent
};

// Where a watch begins, and whether it ends by itself.
struct WatchFrom {
  std::string position;        // empty: now
  bool initial_state = false;  // first every record as it is
  bool until_now = false;      // end after what has happened by now
};

// The changes of one record type, none left out and none twice: a watch that breaks goes on after
// the last position. (While the initial state is being sent there is no such position: it is sent
// again.) Until `each` says false; throws Failure.
void Follow(Session& session, const RecordType& type, WatchFrom from,
            const std::function<bool(const SeenChange&)>& each);

}  // namespace crm::ctl
