#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/rpc/dispatcher.h"
#include "libs/shard/command.h"

namespace crm::rpc {

// The value of a metadata key; empty if it is not there.
std::string_view Find(const Metadata& metadata, std::string_view key);

// Who calls. The one place that a token will be checked in; until then `crm-tenant` and `crm-user`
// are taken at their word, on loopback listeners and only if the server was told to trust them.
record::Status Authenticate(const Call& call, const DispatcherOptions& options,
                            shard::Principal* principal);

// A position that an answer must include, and what the client calls it. Both outlive the call.
struct WantedPosition {
  std::string_view field = "min_position";
  std::string_view text = {};
};

// `crm-min-position`, `crm-consistency` and `crm-max-staleness` (seconds, or `500ms`, `5s`, `1m`);
// of two positions the later one counts. What is none of these is a violation. Those of identity
// count for who may do what where another `service` is asked.
void ReadOptionsOf(const Call& call, std::string_view service, const WantedPosition& min_position,
                   shard::ReadOptions* options, std::vector<record::Violation>* violations);
// The position that who may do what must include, and until when one waits for that.
shard::ReadOptions IdentityPositionOf(const Call& call, std::string_view service,
                                      const WantedPosition& min_position);

}  // namespace crm::rpc
