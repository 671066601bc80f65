#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "crm/identity/v1/business_unit.pb.h"
#include "crm/identity/v1/security_role.pb.h"
#include "crm/identity/v1/team.pb.h"
#include "crm/identity/v1/tenant.pb.h"
#include "crm/identity/v1/user.pb.h"
#include "libs/record/the_catalogue.h"
#include "libs/shard/calm_shard.h"
#include "services/identity/identity.h"

namespace crm::identity {

using record::TheCatalogue;
using v1::BusinessUnit;
using v1::SecurityRole;
using v1::Team;
using v1::User;

inline std::string NameOf(const std::string& collection, int number) {
  std::string digits = std::to_string(number);
  return collection + "/01920000-0000-7000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

// For tests: a shard of identity, and an organization in it.
class IdentityTest : public testing::Test {
 protected:
  IdentityTest() : shard_(TheCatalogue(), 7) {
    RegisterIdentity(shard_.behaviours);
    shard_.Start("identity");
  }

  template <class Response>
  Response Call(const std::string& path, const google::protobuf::Message& request,
                const std::string& refusal = "") {
    const shard::Outcome outcome = shard_.Call("/crm.identity.v1." + path, request);
    EXPECT_EQ(record::ReasonOf(outcome.status), refusal) << outcome.status.message();
    Response response;
    response.ParseFromString(outcome.response);
    return response;
  }
  void Found(int seats = 0) {
    v1::FoundTenantRequest request;
    request.set_display_name("Velo");
    request.set_sign_in_name("Admin");
    request.set_last_name("Admin");
    request.set_seats(seats);
    founded_ = Call<v1::FoundTenantResponse>("Tenants/FoundTenant", request);
  }
  std::string AddUser(int number, const std::string& unit) {
    User user;
    user.set_name(NameOf("users", number));
    user.set_sign_in_name("user" + std::to_string(number));
    user.set_last_name("User");
    user.set_business_unit(unit);
    EXPECT_EQ(shard_.Create(user).status.code(), record::kOk);
    return user.name();
  }
  std::string AddUnit(int number, const std::string& parent, const std::string& refusal = "") {
    BusinessUnit unit;
    unit.set_name(NameOf("business_units", number));
    unit.set_display_name("Unit");
    unit.set_parent(parent);
    const shard::Outcome outcome = shard_.Create(unit);
    EXPECT_EQ(record::ReasonOf(outcome.status), refusal) << outcome.status.message();
    return unit.name();
  }
  std::string AddRole(int number, const std::string& refusal = "", const std::string& unit = "") {
    SecurityRole role;
    role.set_name(NameOf("security_roles", number));
    role.set_business_unit(unit);
    role.set_display_name("Reader");
    auto& privilege = *role.add_privileges();
    privilege.set_collection(refusal == "UNKNOWN_COLLECTION" ? "nothings" : "positions");
    privilege.set_read(refusal == "DEPTH_NOT_ALLOWED" ? SecurityRole::DEPTH_UNIT
                                                      : SecurityRole::DEPTH_ORGANIZATION);
    const shard::Outcome outcome = shard_.Create(role);
    EXPECT_EQ(record::ReasonOf(outcome.status), refusal) << outcome.status.message();
    return role.name();
  }
  void GiveRole(const std::string& user, const std::string& role, const std::string& refusal = "") {
    v1::AssignUserRolesRequest request;
    request.set_name(user);
    request.add_roles(role);
    Call<v1::AssignUserRolesResponse>("Users/AssignUserRoles", request, refusal);
  }
  void TakeSeat(const std::string& user, const std::string& refusal = "",
                const std::string& module = "sales") {
    v1::AssignSeatRequest request;
    request.set_name(user);
    request.set_module(module);
    Call<v1::AssignSeatResponse>("Users/AssignSeat", request, refusal);
  }
  void LeaveSeat(const std::string& user, const std::string& module,
                 const std::string& refusal = "") {
    v1::ReleaseSeatRequest request;
    request.set_name(user);
    request.set_module(module);
    Call<v1::ReleaseSeatResponse>("Users/ReleaseSeat", request, refusal);
  }
  // Why writing the record, or deleting it, is refused.
  std::string CreateRefusal(const google::protobuf::Message& record) {
    return record::ReasonOf(shard_.Create(record).status);
  }
  std::string DeleteRefusal(const std::string& name) {
    return record::ReasonOf(shard_.Delete(name).status);
  }
  void Transit(const std::string& path, const std::string& name, const std::string& refusal = "") {
    record::v1::TransitionRequest request;
    request.set_name(name);
    Call<record::v1::TransitionResponse>(path, request, refusal);
  }

  std::vector<Team> TeamsOf(const std::string& unit) {
    const auto& type = *TheCatalogue().FindType("teams");
    const auto& view = shard_.store().latest();
    const auto tenant = view.Tenant("test")->number;
    std::vector<Team> teams;
    const store::IndexRange all{tenant, type.number, type.indexes.front().number, "", "", false};
    for (auto cursor = view.Scan(all); cursor->Valid(); cursor->Next()) {
      const Team team = shard_.Get<Team>("teams/" + cursor->id().Text());
      if (team.business_unit() == unit) teams.push_back(team);
    }
    return teams;
  }

  shard::CalmShard shard_;
  v1::FoundTenantResponse founded_;
};

}  // namespace crm::identity
