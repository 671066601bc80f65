#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libs/record/catalogue.h"
#include "libs/record/mask.h"
#include "libs/record/status.h"
#include "libs/record/uuid.h"

namespace crm::access {
class Organization;
class Subject;
}  // namespace crm::access

namespace crm::shard {

class Transaction;

// Who acts, for which tenant, through what.
struct Principal {
  std::string tenant;
  std::string user;  // `users/…`, `applications/…` or `system`
  std::string on_behalf_of;
  std::string client = "api";
};

// One record's part of a standard command; checked as far as that needs no other record.
struct Write {
  const record::RecordType* type = nullptr;
  record::Uuid id;
  bool chosen_id = false;  // create: the client gave the id
  std::string image;       // create, update: canonical, without output-only fields
  record::Mask mask;       // update
  std::string etag;        // "": any
  bool allow_missing = false;
  bool force = false;   // delete
  std::string prefix;   // of the record's fields in the request: `lead.`, `requests[3].lead.`
  std::string id_path;  // `lead_id`, `requests[3].lead_id`
};

// What a client is answered.
struct Outcome {
  record::Status status;            // code 0: it is done
  std::string response;             // of commands of the trade, deletes and previews
  std::vector<std::string> images;  // standard writes: the records after it, in the request's order
  int64_t position = -1;            // of the commit, or of what was read
  // Type and name, for a command that is only validated.
  std::vector<std::pair<std::string, std::string>> events;
  // Nothing was done, nor will be: this process does not own the partition (any more).
  bool not_served = false;
};

// Nothing was done, for this reason.
inline Outcome Refused(record::Status status) {
  Outcome outcome;
  outcome.status = std::move(status);
  return outcome;
}

// An operator's word on a tenant whose events are parked in a reactor.
struct ReactorOrder {
  std::string reactor;
  bool skip = false;  // the refused event; else it is tried again
};

struct Command {
  const record::Method* method = nullptr;  // null: it is the shard's own, see below
  Principal principal;
  std::vector<Write> writes;  // standard methods; a single one unless it is a batch
  std::string request;        // commands of the trade: the canonical request
  std::string request_id;     // "": none
  std::string request_hash;
  std::string outbox_source;   // "": none
  uint64_t outbox_number = 0;  // done if it is not above the source's highest
  int64_t event_time_us = 0;   // 0: the clock's; a loader sets the tenant's clock with it
  std::string traceparent;
  bool validate_only = false;
  bool bulk = false;
  bool continues = false;        // the shard's own: a delete or a merge that takes several commits
  int64_t deadline = INT64_MAX;  // boottime
  size_t bytes = 0;              // of the request, for fairness and limits
  std::function<void(Outcome)> done;

  // Of reactors and timers, which nobody sent.
  std::function<record::Status(Transaction&)> run;
  std::string event;                  // what Event::kOfCommand means
  std::string cause;                  // `sales/3@1234`
  std::optional<ReactorOrder> order;  // of operators; nothing else is looked at
  // Whose rights it is decided with; null: it may do everything, as the system does, and as
  // everybody does in a tenant that was never founded.
  std::shared_ptr<const access::Organization> organization;
  const access::Subject* subject = nullptr;  // of it
};

}  // namespace crm::shard
