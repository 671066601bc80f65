#include "services/identity/security_role.h"

#include <algorithm>

#include "crm/identity/v1/user.pb.h"
#include "libs/access/load.h"
#include "libs/access/subject.h"
#include "services/identity/business_unit.h"
#include "services/identity/records.h"

namespace crm::identity {
namespace {

using v1::SecurityRole;

std::optional<shard::Refusal> CheckDepths(const SecurityRole& role, const shard::Transaction& tx) {
  const access::Subject* subject = tx.subject();
  if (subject == nullptr || subject->administrator()) return std::nullopt;
  if (role.administrator()) return shard::Refusal(v1::DEPTH_EXCEEDS_OWN);
  for (const access::Privilege& privilege : access::PrivilegesOf(role, tx.catalogue())) {
    const auto type = subject->organization().FindType(privilege.type);
    if (type == access::Organization::kNone ||
        subject->MostDepth(type, privilege.right) < privilege.depth) {
      return shard::Refusal(v1::DEPTH_EXCEEDS_OWN)
          .With("collection", tx.catalogue().FindTypeByNumber(privilege.type)->collection)
          .With("right", std::string(access::NameOf(privilege.right)));
    }
  }
  for (const std::string& privilege : role.miscellaneous()) {
    if (!subject->HasMiscellaneous(privilege))
      return shard::Refusal(v1::DEPTH_EXCEEDS_OWN).With("privilege", privilege);
  }
  return std::nullopt;
}

}  // namespace

std::optional<shard::Refusal> DeriveSecurityRole(shard::Draft& draft,
                                                 const shard::Transaction& tx) {
  if (!IsFounded(tx)) return std::nullopt;
  const SecurityRole role = AsWritten<SecurityRole>(draft);
  if (!draft.is_new() && role.administrator()) return shard::Refusal(v1::ADMINISTRATOR_ROLE_FIXED);
  int position = 0;
  for (const auto& privilege : role.privileges()) {
    const std::string field = "privileges[" + std::to_string(position++) + "].collection";
    const record::RecordType* type = tx.catalogue().FindType(privilege.collection());
    if (type == nullptr) return shard::Refusal(v1::UNKNOWN_COLLECTION, field);
  }
  for (const access::Privilege& privilege : access::PrivilegesOf(role, tx.catalogue())) {
    const record::RecordType& type = *tx.catalogue().FindTypeByNumber(privilege.type);
    if (type.annotation.ownership() == record::v1::Record::ORGANIZATION &&
        privilege.depth != access::Depth::kOrganization) {
      return shard::Refusal(v1::DEPTH_NOT_ALLOWED, "privileges");
    }
  }
  return CheckDepths(role, tx);
}

std::optional<shard::Refusal> KeepSecurityRole(std::string_view image,
                                               const shard::Transaction& tx) {
  SecurityRole role;
  role.ParseFromArray(image.data(), static_cast<int>(image.size()));
  if (!IsFounded(tx)) return std::nullopt;
  if (role.administrator()) return shard::Refusal(v1::ADMINISTRATOR_ROLE_FIXED);
  for (const auto& user : tx.FindBy<v1::User>("state", {"STATE_ENABLED"})) {
    const bool has =
        std::find(user.roles().begin(), user.roles().end(), role.name()) != user.roles().end();
    // A role that was deleted before may still be named.
    const bool other =
        std::any_of(user.roles().begin(), user.roles().end(), [&](const std::string& name) {
          return name != role.name() && Look<SecurityRole>(tx, name);
        });
    if (has && !other) return shard::Refusal(v1::ONLY_ROLE_OF_SOMEBODY);
  }
  return std::nullopt;
}

shard::Refusable<v1::CopySecurityRoleResponse> CopySecurityRole(
    const v1::CopySecurityRoleRequest& request, shard::Transaction& tx) {
  auto role = tx.Get<SecurityRole>(request.name(), request.etag());
  if (!role) return role.refusal();
  if (role->administrator()) return shard::Refusal(v1::ADMINISTRATOR_ROLE_FIXED);
  SecurityRole copy;
  copy.set_name("security_roles/" + tx.NewId().Text());
  copy.set_display_name(request.display_name());
  copy.set_business_unit(role->business_unit());
  *copy.mutable_privileges() = role->privileges();
  *copy.mutable_miscellaneous() = role->miscellaneous();
  copy.set_copied_from(role->name());
  return Written<v1::CopySecurityRoleResponse>(copy, tx);
}

std::optional<shard::Refusal> CheckGiving(
    const google::protobuf::RepeatedPtrField<std::string>& roles, const std::string& unit,
    const shard::Transaction& tx) {
  for (const std::string& name : roles) {
    auto role = Look<SecurityRole>(tx, name);
    if (!role) continue;  // references are checked where they are written
    if (!role->business_unit().empty() && !IsWithin(unit, role->business_unit(), tx))
      return shard::Refusal(v1::ROLE_OF_OTHER_UNIT).With("role", name);
    if (auto refusal = CheckDepths(*role, tx)) return refusal;
  }
  return std::nullopt;
}

}  // namespace crm::identity
