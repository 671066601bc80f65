#include "services/identity/records.h"

#include <utility>

#include "crm/identity/v1/business_unit.pb.h"
#include "libs/shard/authorise.h"

namespace crm::identity {

std::optional<shard::Refusal> CheckPrivilege(const std::string& privilege,
                                             const shard::Transaction& tx) {
  record::Status status = shard::CheckPrivilege(privilege, tx);
  if (status.code() == record::kOk) return std::nullopt;
  return shard::Refusal(std::move(status));
}

std::optional<shard::Refusal> CheckEnabled(std::string_view unit, const shard::Transaction& tx) {
  auto found = Look<v1::BusinessUnit>(tx, unit);
  if (!found || found->state() != v1::BusinessUnit::STATE_DISABLED) return std::nullopt;
  return shard::Refusal(v1::BUSINESS_UNIT_DISABLED);
}

}  // namespace crm::identity
