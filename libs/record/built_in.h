#pragma once

#include <memory>

#include "libs/record/catalogue.h"

namespace crm::record {

// The catalogue of everything that this program was built with.
Result<std::unique_ptr<Catalogue>> BuiltInCatalogue();

}  // namespace crm::record
