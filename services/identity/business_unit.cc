#include "services/identity/business_unit.h"

#include "services/identity/records.h"

namespace crm::identity {

using v1::BusinessUnit;

// There is one unit that is part of no other, and it stays.
std::optional<shard::Refusal> DeriveBusinessUnit(shard::Draft& draft,
                                                 const shard::Transaction& tx) {
  const bool root = draft.Text(BusinessUnit::kParentFieldNumber).empty();
  draft.SetInteger(BusinessUnit::kRootFieldNumber, root ? 1 : 0);
  if (!IsFounded(tx)) return std::nullopt;
  if (draft.is_new() && root) return shard::Refusal(v1::ROOT_UNIT_EXISTS, "parent");
  const bool disabled = draft.Integer(BusinessUnit::kStateFieldNumber) ==
                        static_cast<uint64_t>(BusinessUnit::STATE_DISABLED);
  if (root && disabled) return shard::Refusal(v1::ROOT_UNIT_STAYS);
  return std::nullopt;
}

std::optional<shard::Refusal> KeepBusinessUnit(std::string_view image,
                                               const shard::Transaction& tx) {
  BusinessUnit unit;
  unit.ParseFromArray(image.data(), static_cast<int>(image.size()));
  if (unit.root() && IsFounded(tx)) return shard::Refusal(v1::ROOT_UNIT_STAYS);
  return std::nullopt;
}

shard::Refusable<v1::MoveBusinessUnitResponse> MoveBusinessUnit(
    const v1::MoveBusinessUnitRequest& request, shard::Transaction& tx) {
  auto unit = tx.Get<BusinessUnit>(request.name(), request.etag());
  if (!unit) return unit.refusal();
  if (unit->root()) return shard::Refusal(v1::ROOT_UNIT_STAYS);
  const std::string previous = unit->parent();
  unit->set_parent(request.parent());
  auto response = Written<v1::MoveBusinessUnitResponse>(*unit, tx);
  if (response) response->set_previous_parent(previous);
  return response;
}

}  // namespace crm::identity
