#include "services/identity/identity.h"

#include "services/identity/access_team_template.h"
#include "services/identity/business_unit.h"
#include "services/identity/field_security_profile.h"
#include "services/identity/licence.h"
#include "services/identity/security_role.h"
#include "services/identity/team.h"
#include "services/identity/tenant.h"
#include "services/identity/user.h"

namespace crm::identity {

void RegisterIdentity(shard::Behaviours& behaviours) {
  behaviours.Accompany("business_units", AddTeamOfEveryone);
  behaviours.Derive("access_team_templates", DeriveAccessTeamTemplate);
  behaviours.Derive("business_units", DeriveBusinessUnit);
  behaviours.Derive("field_security_profiles", DeriveFieldSecurityProfile);
  behaviours.Derive("licences", DeriveLicence);
  behaviours.Derive("security_roles", DeriveSecurityRole);
  behaviours.Derive("teams", DeriveTeam);
  behaviours.Derive("tenants", DeriveTenant);
  behaviours.Derive("users", DeriveUser);
  behaviours.Keep("business_units", KeepBusinessUnit);
  behaviours.Keep("licences", KeepLicence);
  behaviours.Keep("security_roles", KeepSecurityRole);
  behaviours.Keep("teams", KeepTeam);
  behaviours.Keep("tenants", KeepTenant);
  behaviours.Keep("users", KeepUser);
  behaviours.Bind("/crm.identity.v1.BusinessUnits/MoveBusinessUnit", MoveBusinessUnit);
  behaviours.Bind("/crm.identity.v1.SecurityRoles/CopySecurityRole", CopySecurityRole);
  behaviours.Bind("/crm.identity.v1.Teams/AddTeamMembers", AddTeamMembers);
  behaviours.Bind("/crm.identity.v1.Teams/AssignTeamRoles", AssignTeamRoles);
  behaviours.Bind("/crm.identity.v1.Teams/RemoveTeamMembers", RemoveTeamMembers);
  behaviours.Bind("/crm.identity.v1.Teams/RemoveTeamRoles", RemoveTeamRoles);
  behaviours.Bind("/crm.identity.v1.Tenants/FoundTenant", FoundTenant);
  behaviours.Bind("/crm.identity.v1.Users/AssignSeat", AssignSeat);
  behaviours.Bind("/crm.identity.v1.Users/AssignUserRoles", AssignUserRoles);
  behaviours.Bind("/crm.identity.v1.Users/MoveUser", MoveUser);
  behaviours.Bind("/crm.identity.v1.Users/ReleaseSeat", ReleaseSeat);
  behaviours.Bind("/crm.identity.v1.Users/RemoveUserRoles", RemoveUserRoles);
}

store::Followed WhatOthersFollow() {
  store::Followed identity{"identity", {}, {}, true};
  for (const char* collection :
       {"tenants", "business_units", "users", "teams", "positions", "security_roles",
        "field_security_profiles", "access_team_templates", "licences"}) {
    identity.replicas.push_back({collection, {"create_time"}});
  }
  return identity;
}

}  // namespace crm::identity
