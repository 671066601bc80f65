#pragma once

#include "libs/rpc/route.h"
#include "libs/shard/command.h"

// Requests that change something, from bytes to commands and from outcomes to bytes.
namespace crm::rpc {

// Fills writes or request, request id, hash and flags. Finds all that is wrong with the request
// without looking at another record.
record::Status ReadCommand(const Route& route, const Call& call, const record::Catalogue& catalogue,
                           const DispatcherOptions& options, shard::Command* command);

// What of a command is needed to answer it.
struct Answering {
  const record::Method* method = nullptr;
  bool generic = false;
  bool validate_only = false;
  std::vector<const record::RecordType*> types;  // of the records in the answer, in order
  std::shared_ptr<const access::Organization> organization;
  const access::Subject* subject = nullptr;  // who is answered
};
Answering AnsweringOf(const Route& route, const shard::Command& command);

// The response's bytes. `position` as text.
std::string WriteResponse(const Answering& answering, const shard::Outcome& outcome,
                          const std::string& position);

}  // namespace crm::rpc
