#include "services/identity/access_team_template.h"

#include "crm/identity/v1/security_role.pb.h"
#include "services/identity/records.h"

namespace crm::identity {

std::optional<shard::Refusal> DeriveAccessTeamTemplate(shard::Draft& draft,
                                                       const shard::Transaction& tx) {
  if (!IsFounded(tx)) return std::nullopt;
  const std::string_view collection = draft.Text(v1::AccessTeamTemplate::kCollectionFieldNumber);
  if (tx.catalogue().FindType(collection) == nullptr)
    return shard::Refusal(v1::UNKNOWN_COLLECTION, "collection");
  return std::nullopt;
}

}  // namespace crm::identity
