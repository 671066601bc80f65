#pragma once

#include <cstdint>

#include "libs/record/mutations.h"

// Each mutation breaks one thing.
namespace crm::store {

enum class Mutation : uint8_t {
  kPoison,  // an image with the words `poison pill` in it breaks an invariant
};

using Mutations = record::MutationSet<Mutation>;

}  // namespace crm::store
