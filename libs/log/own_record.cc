#include "libs/log/own_record.h"

#include "libs/record/wire.h"

namespace crm::log {
namespace {

std::string InRoot(uint32_t number, const std::string& content) {
  std::string value;
  record::AppendBytesField(number, content, &value);
  return value;
}

}  // namespace

std::string ClaimValue(const event::v1::Claim& claim) {
  return InRoot(kClaimInRoot, claim.SerializeAsString());
}

std::string AliveValue() { return InRoot(kAliveInRoot, {}); }

std::string ReleasedValue() { return InRoot(kReleasedInRoot, {}); }

std::string ReachedValue(const event::v1::Reached& reached) {
  return InRoot(kReachedInRoot, reached.SerializeAsString());
}

}  // namespace crm::log
