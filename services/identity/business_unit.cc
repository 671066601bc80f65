#include "services/identity/business_unit.h"

#include <algorithm>

#include "crm/identity/v1/security_role.pb.h"
#include "crm/identity/v1/team.pb.h"
#include "crm/identity/v1/user.pb.h"
#include "services/identity/records.h"

namespace crm::identity {

using v1::BusinessUnit;

namespace {

// A role of a unit counts in it and below, so nobody can take it elsewhere with its unit.
class Leaving {
 public:
  Leaving(const BusinessUnit& moved, const std::string& parent, const shard::Transaction& tx)
      : moved_(moved.name()), parent_(parent), tx_(tx) {
    Visit(moved.name());
  }

  std::optional<shard::Refusal> Refusal() const {
    if (users_ + teams_ == 0) return std::nullopt;
    return shard::Refusal(v1::ROLE_OF_OTHER_UNIT)
        .With("users", std::to_string(users_))
        .With("teams", std::to_string(teams_));
  }

 private:
  void Visit(const std::string& unit) {
    for (const auto& user : Referring<v1::User>(tx_, "business_unit", unit))
      users_ += Leaves(user.roles()) ? 1 : 0;
    for (const auto& team : Referring<v1::Team>(tx_, "business_unit", unit))
      teams_ += Leaves(team.roles()) ? 1 : 0;
    for (const auto& below : Referring<BusinessUnit>(tx_, "parent", unit)) Visit(below.name());
  }
  // Whether one of the roles is of a unit that is above now and will not be.
  bool Leaves(const google::protobuf::RepeatedPtrField<std::string>& roles) const {
    return std::any_of(roles.begin(), roles.end(), [&](const std::string& name) {
      const auto role = Look<v1::SecurityRole>(tx_, name);
      if (!role || role->business_unit().empty()) return false;
      return !IsWithin(role->business_unit(), moved_, tx_) &&
             !IsWithin(parent_, role->business_unit(), tx_);
    });
  }

  const std::string moved_;
  const std::string parent_;
  const shard::Transaction& tx_;
  int users_ = 0;
  int teams_ = 0;
};

}  // namespace

bool IsWithin(std::string unit, const std::string& above, const shard::Transaction& tx) {
  constexpr int kMostSteps = 1'000;
  for (int step = 0; step < kMostSteps && !unit.empty(); ++step) {
    if (unit == above) return true;
    auto found = Look<BusinessUnit>(tx, unit);
    unit = found ? found->parent() : "";
  }
  return false;
}

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
  if (auto refusal = Leaving(*unit, request.parent(), tx).Refusal()) return *refusal;
  const std::string previous = unit->parent();
  unit->set_parent(request.parent());
  auto response = Written<v1::MoveBusinessUnitResponse>(*unit, tx);
  if (response) response->set_previous_parent(previous);
  return response;
}

}  // namespace crm::identity
