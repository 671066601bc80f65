#include "tests/access/organization.h"

namespace crm::test {
namespace {

using identity::v1::SecurityRole;

template <class Response>
Response Called(const Client& client, const std::string& path,
                const google::protobuf::Message& request) {
  const auto answer = client.Call<Response>(path, request);
  EXPECT_TRUE(answer.ok()) << path << ": " << answer;
  return answer.body;
}

}  // namespace

Organization::Organization(const std::string& tenant, Server& server)
    : tenant_(tenant), server_(server), administrator_(server, tenant, "admin") {
  identity::v1::FoundTenantRequest request;
  request.set_display_name(tenant);
  request.set_sign_in_name("admin");
  request.set_last_name("Admin");
  const auto founded = Called<identity::v1::FoundTenantResponse>(
      administrator_, "/crm.identity.v1.Tenants/FoundTenant", request);
  name_ = founded.name();
  root_ = founded.business_unit();
  users_["admin"] = founded.user();
}

std::string Organization::Unit(const std::string& title, const std::string& parent) const {
  identity::v1::CreateBusinessUnitRequest request;
  request.mutable_business_unit()->set_display_name(title);
  request.mutable_business_unit()->set_parent(parent);
  return Called<identity::v1::BusinessUnit>(
             administrator_, "/crm.identity.v1.BusinessUnits/CreateBusinessUnit", request)
      .name();
}

std::string Organization::Role(const std::string& title,
                               const std::vector<std::pair<std::string, int>>& depths) const {
  std::vector<std::pair<std::string, std::string>> all;
  for (const auto& [collection, depth] : depths)
    all.emplace_back(collection, std::string(8, static_cast<char>('0' + depth)));
  return RoleOf(title, all);
}

std::string Organization::RoleOf(const std::string& title,
                                 const std::vector<std::pair<std::string, std::string>>& depths,
                                 const std::vector<std::string>& miscellaneous) const {
  identity::v1::CreateSecurityRoleRequest request;
  SecurityRole& role = *request.mutable_security_role();
  role.set_display_name(title);
  for (const std::string& privilege : miscellaneous) role.add_miscellaneous(privilege);
  for (const auto& [collection, digits] : depths) {
    auto& privilege = *role.add_privileges();
    privilege.set_collection(collection);
    const auto depth = [&](size_t at) {
      return static_cast<SecurityRole::Depth>(digits[at] - '0');
    };
    privilege.set_create(depth(0));
    privilege.set_read(depth(1));
    privilege.set_write(depth(2));
    privilege.set_delete_(depth(3));
    privilege.set_append(depth(4));
    privilege.set_append_to(depth(5));
    privilege.set_assign(depth(6));
    privilege.set_share(depth(7));
  }
  return Called<SecurityRole>(administrator_, "/crm.identity.v1.SecurityRoles/CreateSecurityRole",
                              request)
      .name();
}

std::string Organization::SeededRole(const std::string& title) const {
  const auto listed = Called<identity::v1::ListSecurityRolesResponse>(
      administrator_, "/crm.identity.v1.SecurityRoles/ListSecurityRoles",
      record::v1::ListRequest());
  for (const SecurityRole& role : listed.security_roles()) {
    if (role.display_name() == title) return role.name();
  }
  ADD_FAILURE() << "there is no role " << title;
  return "";
}

std::string Organization::RoleWithEverything() const { return User("admin").roles(0); }

Client Organization::Signed(const std::string& sign_in_name, const std::string& unit,
                            const std::vector<std::string>& roles) {
  identity::v1::CreateUserRequest request;
  request.mutable_user()->set_sign_in_name(sign_in_name);
  request.mutable_user()->set_last_name(sign_in_name);
  request.mutable_user()->set_business_unit(unit);
  const std::string user =
      Called<identity::v1::User>(administrator_, "/crm.identity.v1.Users/CreateUser", request)
          .name();
  users_[sign_in_name] = user;
  identity::v1::AssignSeatRequest seat;
  seat.set_name(user);
  seat.set_module("sales");
  Called<identity::v1::AssignSeatResponse>(administrator_, "/crm.identity.v1.Users/AssignSeat",
                                           seat);
  identity::v1::AssignUserRolesRequest given;
  given.set_name(user);
  for (const std::string& role : roles) given.add_roles(role);
  if (!roles.empty()) {
    Called<identity::v1::AssignUserRolesResponse>(administrator_,
                                                  "/crm.identity.v1.Users/AssignUserRoles", given);
  }
  return Client(server_, tenant_, sign_in_name);
}

std::string Organization::Team(const std::string& title, const std::string& unit,
                               const std::vector<std::string>& members,
                               const std::vector<std::string>& roles) {
  identity::v1::CreateTeamRequest request;
  request.mutable_team()->set_display_name(title);
  request.mutable_team()->set_business_unit(unit);
  const std::string team =
      Called<identity::v1::Team>(administrator_, "/crm.identity.v1.Teams/CreateTeam", request)
          .name();
  identity::v1::AddTeamMembersRequest added;
  added.set_name(team);
  for (const std::string& member : members) added.add_members(users_.at(member));
  Called<identity::v1::AddTeamMembersResponse>(administrator_,
                                               "/crm.identity.v1.Teams/AddTeamMembers", added);
  identity::v1::AssignTeamRolesRequest given;
  given.set_name(team);
  for (const std::string& role : roles) given.add_roles(role);
  Called<identity::v1::AssignTeamRolesResponse>(administrator_,
                                                "/crm.identity.v1.Teams/AssignTeamRoles", given);
  return team;
}

Outcome Organization::Share(const Client& by, const std::string& record, const std::string& with,
                            const std::vector<record::v1::Right>& rights) const {
  record::v1::ShareRecordRequest request;
  request.set_name(record);
  request.set_principal(users_.at(with));
  for (record::v1::Right right : rights) request.add_rights(right);
  return by.Call<record::v1::ShareRecordResponse>("/crm.record.v1.Access/ShareRecord", request);
}

Outcome Organization::Unshare(const Client& by, const std::string& record,
                              const std::string& with) const {
  record::v1::UnshareRecordRequest request;
  request.set_name(record);
  request.set_principal(users_.at(with));
  return by.Call<record::v1::UnshareRecordResponse>("/crm.record.v1.Access/UnshareRecord", request);
}

Outcome Organization::Assign(const Client& by, const std::string& record,
                             const std::string& to) const {
  record::v1::AssignRecordRequest request;
  request.set_name(record);
  request.set_owner(users_.at(to));
  return by.Call<record::v1::AssignRecordResponse>("/crm.record.v1.Access/AssignRecord", request);
}

std::string Organization::AccessTeamTemplate(const std::string& title,
                                             const std::string& collection,
                                             const std::vector<record::v1::Right>& rights) const {
  identity::v1::CreateAccessTeamTemplateRequest request;
  auto& made = *request.mutable_access_team_template();
  made.set_display_name(title);
  made.set_collection(collection);
  for (record::v1::Right right : rights) made.add_rights(right);
  return Called<identity::v1::AccessTeamTemplate>(
             administrator_, "/crm.identity.v1.AccessTeamTemplates/CreateAccessTeamTemplate",
             request)
      .name();
}

Outcome Organization::AddToAccessTeam(const Client& by, const std::string& record,
                                      const std::string& user,
                                      const std::string& access_team_template) const {
  record::v1::AddToAccessTeamRequest request;
  request.set_name(record);
  request.set_user(users_.at(user));
  request.set_template_(access_team_template);
  return by.Call<record::v1::AddToAccessTeamResponse>("/crm.record.v1.Access/AddToAccessTeam",
                                                      request);
}

Outcome Organization::RemoveFromAccessTeam(const Client& by, const std::string& record,
                                           const std::string& user,
                                           const std::string& access_team_template) const {
  record::v1::RemoveFromAccessTeamRequest request;
  request.set_name(record);
  request.set_user(users_.at(user));
  request.set_template_(access_team_template);
  return by.Call<record::v1::RemoveFromAccessTeamResponse>(
      "/crm.record.v1.Access/RemoveFromAccessTeam", request);
}

identity::v1::User Organization::User(const std::string& sign_in_name) const {
  record::v1::GetRequest request;
  request.set_name(users_.at(sign_in_name));
  return Called<identity::v1::User>(administrator_, "/crm.identity.v1.Users/GetUser", request);
}

void Organization::SetHierarchy(identity::v1::Tenant::HierarchyModel model, int depth) const {
  identity::v1::UpdateTenantRequest request;
  request.mutable_tenant()->set_name(name_);
  request.mutable_tenant()->set_hierarchy_model(model);
  request.mutable_tenant()->set_hierarchy_depth(depth);
  Called<identity::v1::Tenant>(administrator_, "/crm.identity.v1.Tenants/UpdateTenant", request);
}

void Organization::SetManager(const std::string& user, const std::string& manager) const {
  identity::v1::UpdateUserRequest request;
  request.mutable_user()->set_name(users_.at(user));
  request.mutable_user()->set_manager(users_.at(manager));
  Called<identity::v1::User>(administrator_, "/crm.identity.v1.Users/UpdateUser", request);
}

std::string Organization::Position(const std::string& title, const std::string& parent) const {
  identity::v1::CreatePositionRequest request;
  request.mutable_position()->set_display_name(title);
  request.mutable_position()->set_parent(parent);
  return Called<identity::v1::Position>(administrator_, "/crm.identity.v1.Positions/CreatePosition",
                                        request)
      .name();
}

void Organization::SetPosition(const std::string& user, const std::string& position) const {
  identity::v1::UpdateUserRequest request;
  request.mutable_user()->set_name(users_.at(user));
  request.mutable_user()->set_position(position);
  Called<identity::v1::User>(administrator_, "/crm.identity.v1.Users/UpdateUser", request);
}

Outcome Organization::ReleaseSeat(const std::string& user) const {
  identity::v1::ReleaseSeatRequest request;
  request.set_name(users_.at(user));
  request.set_module("sales");
  return administrator_.Call<identity::v1::ReleaseSeatResponse>(
      "/crm.identity.v1.Users/ReleaseSeat", request);
}

Outcome Organization::Move(const std::string& user, const std::string& unit) const {
  identity::v1::MoveUserRequest request;
  request.set_name(users_.at(user));
  request.set_business_unit(unit);
  return administrator_.Call<identity::v1::MoveUserResponse>("/crm.identity.v1.Users/MoveUser",
                                                             request);
}

Outcome Organization::Disable(const std::string& user) const {
  record::v1::TransitionRequest request;
  request.set_name(users_.at(user));
  return administrator_.Call<record::v1::TransitionResponse>("/crm.identity.v1.Users/DisableUser",
                                                             request);
}

Outcome Organization::RemoveRole(const std::string& user, const std::string& role) const {
  identity::v1::RemoveUserRolesRequest request;
  request.set_name(users_.at(user));
  request.add_roles(role);
  return administrator_.Call<identity::v1::RemoveUserRolesResponse>(
      "/crm.identity.v1.Users/RemoveUserRoles", request);
}

Outcome Organization::GiveRole(const std::string& user, const std::string& role) const {
  identity::v1::AssignUserRolesRequest request;
  request.set_name(users_.at(user));
  request.add_roles(role);
  return administrator_.Call<identity::v1::AssignUserRolesResponse>(
      "/crm.identity.v1.Users/AssignUserRoles", request);
}

Outcome Organization::Suspend() const {
  record::v1::TransitionRequest request;
  request.set_name(name_);
  return administrator_.Call<record::v1::TransitionResponse>(
      "/crm.identity.v1.Tenants/SuspendTenant", request);
}

Outcome Organization::Resume() const {
  record::v1::TransitionRequest request;
  request.set_name(name_);
  return administrator_.Call<record::v1::TransitionResponse>(
      "/crm.identity.v1.Tenants/ResumeTenant", request);
}

std::string Organization::Said() const {
  record::v1::GetRequest request;
  request.set_name(name_);
  const auto read =
      administrator_.Call<identity::v1::Tenant>("/crm.identity.v1.Tenants/GetTenant", request);
  EXPECT_TRUE(read.ok()) << read;
  return read.position();
}

void Organization::Secure(const std::string& collection, const std::string& field) const {
  identity::v1::CreateFieldSecurityProfileRequest request;
  auto& profile = *request.mutable_field_security_profile();
  profile.set_display_name("Secures " + field);
  auto& secured = *profile.add_fields();
  secured.set_collection(collection);
  secured.set_field(field);
  Called<identity::v1::FieldSecurityProfile>(
      administrator_, "/crm.identity.v1.FieldSecurityProfiles/CreateFieldSecurityProfile", request);
}

std::vector<std::string> Organization::RoleTitles() const {
  const auto listed = Called<identity::v1::ListSecurityRolesResponse>(
      administrator_, "/crm.identity.v1.SecurityRoles/ListSecurityRoles",
      record::v1::ListRequest());
  std::vector<std::string> titles;
  for (const SecurityRole& role : listed.security_roles()) titles.push_back(role.display_name());
  return titles;
}

std::vector<std::string> AccountTitles(const Client& client) {
  const auto listed = List<Account>(client, {});
  EXPECT_TRUE(listed.ok()) << listed;
  std::vector<std::string> titles;
  for (const Account& account : listed.body.accounts()) titles.push_back(account.display_name());
  return titles;
}

}  // namespace crm::test
