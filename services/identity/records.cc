#include "services/identity/records.h"

#include "crm/identity/v1/business_unit.pb.h"
#include "libs/access/subject.h"

namespace crm::identity {

std::optional<shard::Refusal> CheckPrivilege(const std::string& privilege,
                                             const shard::Transaction& tx) {
  if (tx.subject() == nullptr || tx.subject()->HasMiscellaneous(privilege)) return std::nullopt;
  return shard::Refusal(record::MakeStatus(record::kPermissionDenied, "MISSING_PRIVILEGE",
                                           "The privilege " + privilege + " is missing.",
                                           {{"privilege", privilege}}));
}

std::optional<shard::Refusal> CheckEnabled(std::string_view unit, const shard::Transaction& tx) {
  auto found = Look<v1::BusinessUnit>(tx, unit);
  if (!found || found->state() != v1::BusinessUnit::STATE_DISABLED) return std::nullopt;
  return shard::Refusal(v1::BUSINESS_UNIT_DISABLED);
}

}  // namespace crm::identity
