#include "services/identity/business_unit.h"

#include "crm/identity/v1/team.pb.h"
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
  if (draft.Changed(BusinessUnit::kParentFieldNumber))
    return CheckEnabled(draft.Text(BusinessUnit::kParentFieldNumber), tx);
  return std::nullopt;
}

std::optional<shard::Refusal> KeepBusinessUnit(std::string_view image,
                                               const shard::Transaction& tx) {
  BusinessUnit unit;
  unit.ParseFromArray(image.data(), static_cast<int>(image.size()));
  if (!IsFounded(tx)) return std::nullopt;
  if (unit.root()) return shard::Refusal(v1::ROOT_UNIT_STAYS);
  if (unit.state() != BusinessUnit::STATE_DISABLED)
    return shard::Refusal(v1::BUSINESS_UNIT_ENABLED);
  return std::nullopt;
}

std::optional<shard::Refusal> AddTeamOfEveryone(std::string_view image, shard::Transaction& tx) {
  if (!IsFounded(tx)) return std::nullopt;
  BusinessUnit unit;
  unit.ParseFromArray(image.data(), static_cast<int>(image.size()));
  v1::Team team;
  team.set_name("teams/" + tx.NewId().Text());
  team.set_display_name(unit.display_name());
  team.set_business_unit(unit.name());
  team.set_everyone(true);
  return tx.Put(team, shard::Event::kCreated);
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
