#pragma once

#include "libs/record/built_in.h"

namespace crm::record {

// For tests: the catalogue of everything that the program was built with, built once.
inline const Catalogue& TheCatalogue() {
  static const auto catalogue = BuiltInCatalogue();
  return **catalogue;
}

}  // namespace crm::record
