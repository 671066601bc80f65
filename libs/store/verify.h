#pragma once

#include <map>
#include <memory>
#include <string>

#include "libs/record/catalogue.h"
#include "libs/store/layout.h"
#include "libs/store/moment.h"
#include "libs/store/view.h"

namespace crm::store {

// View::Verify for the tenant with this number: of the service's own record types.
std::map<std::string, std::string> Hashes(const std::shared_ptr<const Moment>& moment,
                                          const record::Catalogue& catalogue,
                                          const std::string& service, const Places& places,
                                          TenantNumber tenant);

}  // namespace crm::store
