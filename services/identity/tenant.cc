#include "services/identity/tenant.h"

#include "crm/identity/v1/business_unit.pb.h"
#include "crm/identity/v1/licence.pb.h"
#include "crm/identity/v1/security_role.pb.h"
#include "crm/identity/v1/team.pb.h"
#include "crm/identity/v1/user.pb.h"
#include "services/identity/default_roles.h"
#include "services/identity/records.h"

namespace crm::identity {
namespace {

constexpr int kSeats = 1'000;
constexpr const char* kModules[] = {"marketing", "sales", "scheduling", "service"};

template <class Message>
std::optional<shard::Refusal> PutNew(std::string_view collection, Message* message,
                                     shard::Transaction& tx) {
  if (message->name().empty()) message->set_name(std::string(collection) + "/" + tx.NewId().Text());
  return tx.Put(*message, shard::Event::kCreated);
}

// Gives the name of the one that may do everything.
std::optional<shard::Refusal> PutRoles(shard::Transaction& tx, std::string* administrator) {
  for (v1::SecurityRole& role : DefaultRoles(tx.catalogue())) {
    if (auto refusal = PutNew("security_roles", &role, tx)) return refusal;
    if (role.administrator()) *administrator = role.name();
  }
  return std::nullopt;
}

std::optional<shard::Refusal> PutLicences(int seats, shard::Transaction& tx) {
  for (const char* module : kModules) {
    v1::Licence licence;
    licence.set_module(module);
    licence.set_seats(seats);
    if (auto refusal = PutNew("licences", &licence, tx)) return refusal;
  }
  return std::nullopt;
}

v1::User FirstUser(const v1::FoundTenantRequest& request, const std::string& unit,
                   const std::string& role, const shard::Transaction& tx) {
  v1::User user;
  user.set_name(tx.principal().user);
  user.set_sign_in_name(request.sign_in_name());
  user.set_first_name(request.first_name());
  user.set_last_name(request.last_name());
  user.set_business_unit(unit);
  user.set_state(v1::User::STATE_ENABLED);
  user.add_roles(role);
  for (const char* module : kModules) user.add_modules(module);
  return user;
}

}  // namespace

std::optional<shard::Refusal> DeriveTenant(shard::Draft& draft, const shard::Transaction& tx) {
  if (!IsFounded(tx)) return std::nullopt;
  if (draft.is_new()) return shard::Refusal(v1::TENANT_FOUNDED);
  using v1::Tenant;
  for (auto field : {Tenant::kHierarchyModelFieldNumber, Tenant::kHierarchyDepthFieldNumber,
                     Tenant::kHierarchyExcludedFieldNumber}) {
    if (draft.Changed(static_cast<uint32_t>(field)))
      return CheckPrivilege("CHANGE_HIERARCHY_SECURITY", tx);
  }
  return std::nullopt;
}

std::optional<shard::Refusal> KeepTenant(std::string_view image, const shard::Transaction&) {
  v1::Tenant tenant;
  tenant.ParseFromArray(image.data(), static_cast<int>(image.size()));
  if (tenant.founded()) return shard::Refusal(v1::TENANT_FOUNDED);
  return std::nullopt;
}

shard::Refusable<v1::FoundTenantResponse> FoundTenant(const v1::FoundTenantRequest& request,
                                                      shard::Transaction& tx) {
  if (IsFounded(tx)) return shard::Refusal(v1::TENANT_FOUNDED);
  v1::BusinessUnit root;
  root.set_display_name(request.display_name());
  root.set_state(v1::BusinessUnit::STATE_ENABLED);
  if (auto refusal = PutNew("business_units", &root, tx)) return *refusal;
  std::string role;
  if (auto refusal = PutRoles(tx, &role)) return *refusal;
  if (auto refusal = PutLicences(request.seats() > 0 ? request.seats() : kSeats, tx))
    return *refusal;
  v1::User user = FirstUser(request, root.name(), role, tx);
  if (auto refusal = PutNew("users", &user, tx)) return *refusal;
  v1::Team everyone;
  everyone.set_display_name(request.display_name());
  everyone.set_business_unit(root.name());
  everyone.set_everyone(true);
  if (auto refusal = PutNew("teams", &everyone, tx)) return *refusal;
  v1::Tenant tenant;
  tenant.set_name("tenants/" + tx.NewId().Text());
  tenant.set_display_name(request.display_name());
  tenant.set_state(v1::Tenant::STATE_ACTIVE);
  tenant.set_founded(true);
  if (auto refusal = tx.Put(tenant)) return *refusal;
  v1::FoundTenantResponse response;
  response.set_name(tenant.name());
  response.set_business_unit(root.name());
  response.set_user(user.name());
  response.set_team(everyone.name());
  return response;
}

}  // namespace crm::identity
