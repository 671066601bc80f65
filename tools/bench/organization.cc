#include "tools/bench/organization.h"

#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>

#include <cstdio>
#include <future>

#include "crm/identity/v1/business_unit.pb.h"
#include "crm/identity/v1/security_role.pb.h"
#include "crm/identity/v1/tenant.pb.h"
#include "crm/identity/v1/user.pb.h"
#include "tools/bench/load.h"

namespace crm::bench {
namespace {

constexpr int kRoles = 200, kUnitCount = 300, kUsers = 5'000, kCallers = 10;
constexpr const char* kCollections[] = {"leads", "accounts", "contacts", "opportunities",
                                        "tasks", "emails",   "notes",    "phone_calls",
                                        "faxes", "letters",  "posts",    "appointments"};

std::string UnitMethod(const char* name) {
  return std::string("/crm.identity.v1.BusinessUnits/") + name;
}
std::string UserMethod(const char* name) { return std::string("/crm.identity.v1.Users/") + name; }

}  // namespace

bool Tenant::Call(const std::string& user, const std::string& path,
                  const google::protobuf::MessageLite& request,
                  google::protobuf::MessageLite* response) const {
  grpc::ClientContext context;
  context.AddMetadata("crm-tenant", name_);
  context.AddMetadata("crm-user", user);
  const grpc::ByteBuffer asked = BufferOf(request.SerializeAsString());
  grpc::ByteBuffer answer;
  std::promise<grpc::Status> ended;
  grpc::GenericStub stub(crm_);
  stub.UnaryCall(&context, path, {}, &asked, &answer,
                 [&](grpc::Status status) { ended.set_value(std::move(status)); });
  const grpc::Status status = ended.get_future().get();
  if (status.ok()) return response->ParseFromString(TextOf(answer));
  std::fprintf(stderr, "%s: %s\n", path.c_str(), status.error_message().c_str());
  return false;
}

bool Organization::Found() {
  identity::v1::FoundTenantRequest request;
  request.set_display_name("Measured");
  request.set_sign_in_name("admin");
  request.set_last_name("Admin");
  request.set_seats(10'000);
  identity::v1::FoundTenantResponse response;
  if (!tenant_.Call("admin", "/crm.identity.v1.Tenants/FoundTenant", request, &response))
    return false;
  units_.push_back(response.business_unit());
  return AddUnits() && AddRoles() && AddUsers();
}

bool Organization::AddUnits() {
  while (units_.size() < kUnitCount) {
    identity::v1::BatchCreateBusinessUnitsRequest request;
    const size_t above = units_.size();
    for (size_t i = 0; i < above * 2 && above + i < kUnitCount; ++i) {
      auto& unit = *request.add_requests()->mutable_business_unit();
      unit.set_display_name("Unit " + std::to_string(above + i));
      unit.set_parent(units_[random_() % above]);
    }
    identity::v1::BatchBusinessUnitsResponse response;
    if (!tenant_.Call("admin", UnitMethod("BatchCreateBusinessUnits"), request, &response))
      return false;
    for (const auto& unit : response.business_units()) units_.push_back(unit.name());
  }
  return true;
}

bool Organization::AddRoles() {
  identity::v1::BatchCreateSecurityRolesRequest request;
  for (int i = 0; i < kRoles; ++i) {
    auto& role = *request.add_requests()->mutable_security_role();
    role.set_display_name("Role " + std::to_string(i));
    for (const char* collection : kCollections) {
      const auto depth = static_cast<identity::v1::SecurityRole::Depth>(1 + i % 4);
      auto& privilege = *role.add_privileges();
      privilege.set_collection(collection);
      privilege.set_create(depth);
      privilege.set_read(depth);
      privilege.set_write(depth);
      privilege.set_append(depth);
      privilege.set_append_to(depth);
    }
  }
  identity::v1::BatchSecurityRolesResponse response;
  if (!tenant_.Call("admin", "/crm.identity.v1.SecurityRoles/BatchCreateSecurityRoles", request,
                    &response)) {
    return false;
  }
  for (int i = 0; i < response.security_roles_size(); ++i)
    roles_[static_cast<size_t>(1 + i % 4)].push_back(response.security_roles(i).name());
  return true;
}

bool Organization::AddUsers() {
  std::vector<std::pair<std::string, std::string>> wanted;  // sign-in name and unit
  for (const char* name : {kAll, kFew, kMover}) wanted.emplace_back(name, units_[5]);
  wanted.emplace_back(kUnit, units_[250]);
  wanted.emplace_back(kUnits, units_[2]);
  for (int i = 0; i < kCallers; ++i)
    wanted.emplace_back("caller-" + std::to_string(i), units_[random_() % units_.size()]);
  while (wanted.size() < kUsers)
    wanted.emplace_back("user-" + std::to_string(wanted.size()), units_[random_() % units_.size()]);
  for (size_t at = 0; at < wanted.size(); at += kBatch) {
    identity::v1::BatchCreateUsersRequest request;
    for (size_t i = at; i < std::min(at + kBatch, wanted.size()); ++i) {
      auto& user = *request.add_requests()->mutable_user();
      user.set_sign_in_name(wanted[i].first);
      user.set_last_name(wanted[i].first);
      user.set_business_unit(wanted[i].second);
    }
    identity::v1::BatchUsersResponse response;
    if (!tenant_.Call("admin", UserMethod("BatchCreateUsers"), request, &response)) return false;
    for (const auto& user : response.users()) users_[user.sign_in_name()] = user.name();
  }
  bool given = Give(kAll, {roles_[4][0]}) && Give(kFew, {roles_[1][0]}) &&
               Give(kMover, {roles_[1][0]}) && Give(kUnit, {roles_[2][0]}) &&
               Give(kUnits, {roles_[3][0]});
  for (int i = 0; given && i < kCallers; ++i) {
    given = Give("caller-" + std::to_string(i),
                 {roles_[static_cast<size_t>(1 + i % 3)][1], roles_[1][2]});
  }
  // Some own leads.
  for (int i = 100; given && i < 4'000; i += 4) {
    const std::string name = wanted[static_cast<size_t>(i)].first;
    given = Give(name, {roles_[1][random_() % roles_[1].size()]});
    owners_.push_back(users_.at(name));
  }
  return given;
}

bool Organization::Give(const std::string& sign_in_name, const std::vector<std::string>& roles) {
  identity::v1::AssignUserRolesRequest request;
  request.set_name(users_.at(sign_in_name));
  for (const std::string& role : roles) request.add_roles(role);
  identity::v1::AssignUserRolesResponse given;
  if (!tenant_.Call("admin", UserMethod("AssignUserRoles"), request, &given)) return false;
  identity::v1::AssignSeatRequest seat;
  seat.set_name(request.name());
  seat.set_module("sales");
  identity::v1::AssignSeatResponse seated;
  return tenant_.Call("admin", UserMethod("AssignSeat"), seat, &seated);
}

bool Organization::Move(const std::string& sign_in_name) const {
  identity::v1::MoveUserRequest request;
  request.set_name(users_.at(sign_in_name));
  request.set_business_unit(units_[250]);
  identity::v1::MoveUserResponse response;
  return tenant_.Call("admin", UserMethod("MoveUser"), request, &response);
}

}  // namespace crm::bench
