#include "services/identity/user.h"

#include <algorithm>

#include "crm/identity/v1/licence.pb.h"
#include "crm/identity/v1/security_role.pb.h"
#include "crm/identity/v1/team.pb.h"
#include "services/identity/licence.h"
#include "services/identity/records.h"
#include "services/identity/security_role.h"

namespace crm::identity {
namespace {

using v1::User;

// Whether it can do whatever has to be done: without a seat nobody can do anything.
bool IsAdministrator(const User& user, const shard::Transaction& tx) {
  if (user.state() == User::STATE_DISABLED || user.modules().empty() ||
      user.access_mode() == User::ACCESS_MODE_READ) {
    return false;
  }
  return std::any_of(user.roles().begin(), user.roles().end(), [&](const std::string& name) {
    auto role = Look<v1::SecurityRole>(tx, name);
    return role && role->administrator();
  });
}

bool IsLastAdministrator(std::string_view name, const shard::Transaction& tx) {
  const auto administrators = tx.FindBy<User>("administrator", {"true"});
  return std::none_of(administrators.begin(), administrators.end(),
                      [&](const User& other) { return other.name() != name; });
}

std::string InLowerCase(std::string_view text) {
  std::string lower(text);
  for (char& letter : lower) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter + 32);
  }
  return lower;
}

// Who is placed in the hierarchy opens its records to those above.
std::optional<shard::Refusal> CheckPlacing(const shard::Draft& draft,
                                           const shard::Transaction& tx) {
  std::optional<shard::Refusal> refusal;
  if (draft.Changed(User::kManagerFieldNumber)) refusal = CheckPrivilege("ASSIGN_MANAGER", tx);
  if (!refusal && draft.Changed(User::kPositionFieldNumber))
    refusal = CheckPrivilege("ASSIGN_POSITION", tx);
  return refusal;
}

// Who comes into a unit has the roles of the team that everybody there is in.
std::optional<shard::Refusal> CheckComing(const User& user, const shard::Transaction& tx) {
  if (auto refusal = CheckEnabled(user.business_unit(), tx)) return refusal;
  for (const v1::Team& team : Referring<v1::Team>(tx, "business_unit", user.business_unit())) {
    if (!team.everyone()) continue;
    if (auto refusal = CheckGiving(team.roles(), team.business_unit(), tx)) return refusal;
  }
  return std::nullopt;
}

}  // namespace

std::optional<shard::Refusal> DeriveUser(shard::Draft& draft, const shard::Transaction& tx) {
  User user = AsWritten<User>(draft);
  draft.SetText(User::kSignInNameFieldNumber, InLowerCase(user.sign_in_name()));
  const bool both = !user.first_name().empty() && !user.last_name().empty();
  draft.SetText(User::kFullNameFieldNumber,
                user.first_name() + (both ? " " : "") + user.last_name());
  // Who may not work takes nobody's seat.
  if (user.state() == User::STATE_DISABLED) {
    user.clear_modules();
    draft.Clear(User::kModulesFieldNumber);
  }
  const bool administrator = IsAdministrator(user, tx);
  draft.SetInteger(User::kAdministratorFieldNumber, administrator ? 1 : 0);
  if (!IsFounded(tx)) return std::nullopt;
  const bool was = draft.before().Integer(User::kAdministratorFieldNumber) != 0;
  if (was && !administrator && IsLastAdministrator(user.name(), tx))
    return shard::Refusal(v1::LAST_ADMINISTRATOR);
  if (auto refusal = CheckPlacing(draft, tx)) return refusal;
  if (draft.Changed(User::kBusinessUnitFieldNumber)) return CheckComing(user, tx);
  return std::nullopt;
}

std::optional<shard::Refusal> KeepUser(std::string_view, const shard::Transaction& tx) {
  if (IsFounded(tx)) return shard::Refusal(v1::USER_STAYS);
  return std::nullopt;
}

shard::Refusable<v1::AssignUserRolesResponse> AssignUserRoles(
    const v1::AssignUserRolesRequest& request, shard::Transaction& tx) {
  auto user = tx.Get<User>(request.name(), request.etag());
  if (!user) return user.refusal();
  if (auto refusal = CheckGiving(request.roles(), user->business_unit(), tx)) return *refusal;
  AddAll(request.roles(), user->mutable_roles());
  return Written<v1::AssignUserRolesResponse>(*user, tx);
}

shard::Refusable<v1::RemoveUserRolesResponse> RemoveUserRoles(
    const v1::RemoveUserRolesRequest& request, shard::Transaction& tx) {
  auto user = tx.Get<User>(request.name(), request.etag());
  if (!user) return user.refusal();
  RemoveAll(request.roles(), user->mutable_roles());
  return Written<v1::RemoveUserRolesResponse>(*user, tx);
}

// Roles count at a unit, so none of them is taken along.
shard::Refusable<v1::MoveUserResponse> MoveUser(const v1::MoveUserRequest& request,
                                                shard::Transaction& tx) {
  auto user = tx.Get<User>(request.name(), request.etag());
  if (!user) return user.refusal();
  const std::string previous = user->business_unit();
  if (previous != request.business_unit()) user->clear_roles();
  user->set_business_unit(request.business_unit());
  auto response = Written<v1::MoveUserResponse>(*user, tx);
  if (response) response->set_previous_business_unit(previous);
  return response;
}

shard::Refusable<v1::AssignSeatResponse> AssignSeat(const v1::AssignSeatRequest& request,
                                                    shard::Transaction& tx) {
  auto user = tx.Get<User>(request.name(), request.etag());
  if (!user) return user.refusal();
  if (user->state() == User::STATE_DISABLED) return shard::Refusal(v1::USER_DISABLED);
  if (!HasSeat(*user, request.module())) {
    int64_t seats = 0;
    for (const auto& licence : tx.FindBy<v1::Licence>("module", {request.module()}))
      seats += licence.seats();
    if (SeatsTaken(request.module(), tx) >= seats) {
      return shard::Refusal(v1::NO_SEAT_LEFT)
          .With("module", request.module())
          .With("seats", std::to_string(seats));
    }
    user->add_modules(request.module());
  }
  return Written<v1::AssignSeatResponse>(*user, tx);
}

shard::Refusable<v1::ReleaseSeatResponse> ReleaseSeat(const v1::ReleaseSeatRequest& request,
                                                      shard::Transaction& tx) {
  auto user = tx.Get<User>(request.name(), request.etag());
  if (!user) return user.refusal();
  RemoveAll(std::vector<std::string>{request.module()}, user->mutable_modules());
  return Written<v1::ReleaseSeatResponse>(*user, tx);
}

}  // namespace crm::identity
