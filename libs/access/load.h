#pragma once

#include <string>
#include <vector>

#include "crm/identity/v1/security_role.pb.h"
#include "libs/access/description.h"
#include "libs/record/catalogue.h"
#include "libs/store/view.h"

// From identity's records to the description of an organization.
namespace crm::access {

// The rights of a role, without those on types that the catalogue does not have.
std::vector<Privilege> PrivilegesOf(const identity::v1::SecurityRole& role,
                                    const record::Catalogue& catalogue);

// What the tenant's identity records say, as far as the view has them; its own, or replicas.
Description Describe(const store::View& view, store::TenantNumber tenant,
                     const record::Catalogue& catalogue);

// Changes whenever one of these records does.
std::string HashOf(const store::View& view, store::TenantNumber tenant,
                   const record::Catalogue& catalogue);

// Whether identity knows the tenant: it was founded, so that access control is on.
bool IsFounded(const store::View& view, store::TenantNumber tenant,
               const record::Catalogue& catalogue);

}  // namespace crm::access
