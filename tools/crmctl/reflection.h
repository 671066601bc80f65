#pragma once

#include <memory>

#include "tools/crmctl/connection.h"
#include "tools/crmctl/schema.h"

namespace crm::ctl {

// Asks the server for everything that it serves, by gRPC's server reflection. Throws Failure.
std::unique_ptr<Schema> Reflect(Connection& connection, int retries = kRetries);

}  // namespace crm::ctl
