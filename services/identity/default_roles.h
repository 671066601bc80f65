#pragma once

#include <vector>

#include "crm/identity/v1/security_role.pb.h"
#include "libs/record/catalogue.h"

namespace crm::identity {

// The roles that a new organization begins with, without names. Record types that the catalogue
// does not have are left out.
std::vector<v1::SecurityRole> DefaultRoles(const record::Catalogue& catalogue);

}  // namespace crm::identity
