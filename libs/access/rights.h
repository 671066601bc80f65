#pragma once

#include <cstdint>
#include <string_view>

#include "libs/record/uuid.h"

// The words of access control.
namespace crm::access {

using Id = record::Uuid;
using TypeNumber = uint16_t;  // RecordType::number

enum class Right : uint8_t { kCreate, kRead, kWrite, kDelete, kAppend, kAppendTo, kAssign, kShare };
inline constexpr size_t kRights = 8;

// How far a right reaches.
enum class Depth : uint8_t {
  kNone,
  kUser,          // records of the user, or of the team that has the role
  kUnit,          // records of the unit
  kUnits,         // of the unit and of those below it
  kOrganization,  // all
};

// A set of rights, as a share has it.
class RightSet {
 public:
  constexpr RightSet() = default;
  constexpr RightSet(std::initializer_list<Right> rights) {
    for (Right right : rights) Add(right);
  }
  constexpr void Add(Right right) { bits_ |= Bit(right); }
  constexpr bool Has(Right right) const { return (bits_ & Bit(right)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr RightSet operator|(RightSet other) const { return RightSet(bits_ | other.bits_); }
  constexpr bool operator==(const RightSet&) const = default;
  constexpr uint8_t bits() const { return bits_; }
  static constexpr RightSet OfBits(uint8_t bits) { return RightSet(bits); }

 private:
  constexpr explicit RightSet(int bits) : bits_(static_cast<uint8_t>(bits)) {}
  static constexpr uint8_t Bit(Right right) {
    return static_cast<uint8_t>(1u << static_cast<unsigned>(right));
  }
  uint8_t bits_ = 0;
};

// Whom a record belongs to, or whom it is shared with.
struct Party {
  enum class Kind : uint8_t { kNobody, kUser, kTeam, kUnit };
  Kind kind = Kind::kNobody;
  Id id;
  auto operator<=>(const Party&) const = default;

  static Party User(const Id& id) { return {Kind::kUser, id}; }
  static Party Team(const Id& id) { return {Kind::kTeam, id}; }
  static Party Unit(const Id& id) { return {Kind::kUnit, id}; }
};

// A row that opens one record to somebody.
struct Share {
  Party with;
  RightSet rights;
  RightSet inherited;  // by the share of a record above
};

std::string_view NameOf(Right right);  // `AppendTo`
std::string_view NameOf(Depth depth);  // `BusinessUnit`

}  // namespace crm::access
