#include "libs/runtime/rendezvous.h"

#include <algorithm>
#include <utility>

#include "libs/log/placement.h"

namespace crm::runtime {
namespace {

std::pair<uint32_t, std::string> RankOf(const std::string& member, std::string_view thing) {
  return {log::Murmur2(member + '\0' + std::string(thing)), member};
}

}  // namespace

bool IsAmongTop(const std::string& member, const std::vector<std::string>& members,
                std::string_view thing, int count) {
  const auto own = RankOf(member, thing);
  const auto higher = std::count_if(members.begin(), members.end(), [&](const std::string& other) {
    return other != member && RankOf(other, thing) > own;
  });
  return higher < count;
}

}  // namespace crm::runtime
