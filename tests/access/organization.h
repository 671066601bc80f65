#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "crm/identity/v1/access_team_template.pb.h"
#include "crm/identity/v1/business_unit.pb.h"
#include "crm/identity/v1/field_security_profile.pb.h"
#include "crm/identity/v1/position.pb.h"
#include "crm/identity/v1/security_role.pb.h"
#include "crm/identity/v1/team.pb.h"
#include "crm/identity/v1/tenant.pb.h"
#include "crm/identity/v1/user.pb.h"
#include "crm/record/v1/access.pb.h"
#include "tests/server/sales_records.h"

namespace crm::test {

// A founded organization, with its administrator, and how it grows.
class Organization {
 public:
  // On the shared server, or on one that serves identity.
  explicit Organization(const std::string& tenant, Server& server = Server::Shared());

  const Client& administrator() const { return administrator_; }
  const std::string& root() const { return root_; }

  std::string Unit(const std::string& title, const std::string& parent) const;
  // A role with every right at this depth on the records of each collection.
  std::string Role(const std::string& title,
                   const std::vector<std::pair<std::string, int>>& depths) const;
  // Depths of Create, Read, Write, Delete, Append, AppendTo, Assign and Share as digits.
  std::string RoleOf(const std::string& title,
                     const std::vector<std::pair<std::string, std::string>>& depths,
                     const std::vector<std::string>& miscellaneous = {}) const;
  // One of those that an organization is founded with.
  std::string SeededRole(const std::string& title) const;
  // The one of the founding, of administrators.
  std::string RoleWithEverything() const;
  // A user with these roles and a seat, signed in.
  Client Signed(const std::string& sign_in_name, const std::string& unit,
                const std::vector<std::string>& roles);
  std::string Team(const std::string& title, const std::string& unit,
                   const std::vector<std::string>& members, const std::vector<std::string>& roles);
  Outcome Share(const Client& by, const std::string& record, const std::string& with,
                const std::vector<record::v1::Right>& rights) const;
  Outcome Unshare(const Client& by, const std::string& record, const std::string& with) const;
  Outcome Assign(const Client& by, const std::string& record, const std::string& to) const;
  std::string AccessTeamTemplate(const std::string& title, const std::string& collection,
                                 const std::vector<record::v1::Right>& rights) const;
  Outcome AddToAccessTeam(const Client& by, const std::string& record, const std::string& user,
                          const std::string& access_team_template) const;
  Outcome RemoveFromAccessTeam(const Client& by, const std::string& record, const std::string& user,
                               const std::string& access_team_template) const;
  identity::v1::User User(const std::string& sign_in_name) const;
  void SetHierarchy(identity::v1::Tenant::HierarchyModel model, int depth) const;
  void SetManager(const std::string& user, const std::string& manager) const;
  std::string Position(const std::string& title, const std::string& parent) const;
  void SetPosition(const std::string& user, const std::string& position) const;
  Outcome ReleaseSeat(const std::string& user) const;
  Outcome Move(const std::string& user, const std::string& unit) const;
  Outcome Disable(const std::string& user) const;
  Outcome RemoveRole(const std::string& user, const std::string& role) const;
  Outcome GiveRole(const std::string& user, const std::string& role) const;
  Outcome Suspend() const;
  Outcome Resume() const;
  // The position that includes everything that identity has said of it so far.
  std::string Said() const;
  // Puts a field under security, without anybody who may read it.
  void Secure(const std::string& collection, const std::string& field) const;
  std::vector<std::string> RoleTitles() const;

 private:
  std::string tenant_;
  Server& server_;
  Client administrator_;
  std::string name_;  // of the tenant's record
  std::string root_;
  std::map<std::string, std::string> users_;  // by sign-in name
};

// What somebody finds in a list.
std::vector<std::string> AccountTitles(const Client& client);

}  // namespace crm::test
