#pragma once

#include <cstdint>

// A mutation leaves out one rule or breaks one thing, so that a test can show which check notices.
// Each library names its own in an enumeration. They exist only in builds with RECALL_MUTATIONS;
// elsewhere Has() is a constant.
namespace crm::record {

template <class Mutation>
class MutationSet {
 public:
  constexpr MutationSet() = default;
#ifdef RECALL_MUTATIONS
  constexpr explicit MutationSet(Mutation one) : bits_(1u << static_cast<unsigned>(one)) {}
  constexpr bool Has(Mutation one) const { return (bits_ >> static_cast<unsigned>(one)) & 1u; }
  constexpr bool any() const { return bits_ != 0; }

 private:
  uint32_t bits_ = 0;
#else
  static constexpr bool Has(Mutation) { return false; }
  static constexpr bool any() { return false; }
#endif
};

}  // namespace crm::record
