#pragma once

#include <cstdint>

// Each mutation breaks one thing, so that a test can show what comes of it. They exist only in
// builds with RECALL_MUTATIONS; elsewhere Has() is a constant.
namespace crm::store {

enum class Mutation : uint8_t {
  kPoison,  // an image with the words `poison pill` in it breaks an invariant
};

class Mutations {
 public:
  constexpr Mutations() = default;
#ifdef RECALL_MUTATIONS
  constexpr explicit Mutations(Mutation one) : bits_(1u << static_cast<unsigned>(one)) {}
  constexpr bool Has(Mutation one) const { return (bits_ >> static_cast<unsigned>(one)) & 1u; }

 private:
  uint32_t bits_ = 0;
#else
  static constexpr bool Has(Mutation) { return false; }
#endif
};

}  // namespace crm::store
