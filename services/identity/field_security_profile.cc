#include "services/identity/field_security_profile.h"

#include "crm/identity/v1/security_role.pb.h"
#include "libs/access/subject.h"
#include "services/identity/records.h"

namespace crm::identity {
namespace {

using Permission = v1::FieldSecurityProfile::FieldPermission;

bool Exceeds(const Permission& permission, const access::FieldRule& own) {
  return (permission.read() && !own.read) || (permission.create() && !own.create) ||
         (permission.update() && !own.update);
}

std::optional<shard::Refusal> Check(const Permission& permission, const std::string& path,
                                    const shard::Transaction& tx) {
  const record::RecordType* type = tx.catalogue().FindType(permission.collection());
  if (type == nullptr) return shard::Refusal(v1::UNKNOWN_COLLECTION, path + ".collection");
  const record::Field* field = type->Find(permission.field());
  if (field == nullptr || field->standard)
    return shard::Refusal(v1::FIELD_NOT_SECURABLE, path + ".field");
  if (tx.subject() != nullptr &&
      Exceeds(permission, tx.subject()->RuleOf(type->number, field->number))) {
    return shard::Refusal(v1::FIELD_EXCEEDS_OWN)
        .With("collection", permission.collection())
        .With("field", permission.field());
  }
  return std::nullopt;
}

}  // namespace

std::optional<shard::Refusal> DeriveFieldSecurityProfile(shard::Draft& draft,
                                                         const shard::Transaction& tx) {
  if (!IsFounded(tx)) return std::nullopt;
  const auto profile = AsWritten<v1::FieldSecurityProfile>(draft);
  int position = 0;
  for (const Permission& permission : profile.fields()) {
    if (auto refusal = Check(permission, "fields[" + std::to_string(position++) + "]", tx))
      return refusal;
  }
  return std::nullopt;
}

}  // namespace crm::identity
