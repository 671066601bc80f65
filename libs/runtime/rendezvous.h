#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace crm::runtime {

// Rendezvous hashing: for each thing the members are ranked by a hash of both. Everybody comes to
// the same ranking, and a member that comes or goes changes only what it is itself ranked high for.
// True if `member` is among the first `count` for the thing.
bool IsAmongTop(const std::string& member, const std::vector<std::string>& members,
                std::string_view thing, int count);

}  // namespace crm::runtime
