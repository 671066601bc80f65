#pragma once

#include <string>
#include <vector>

#include "libs/access/subject.h"

// Whether a user may do something with a record: domain rules in the order in which they count.
namespace crm::access {

// What a decision may want to know of a record besides its type and owner; asked only when those
// did not decide, because it costs look-ups.
class Surroundings {
 public:
  virtual ~Surroundings() = default;
  // The rows that open the record to somebody.
  virtual std::vector<Share> Shares() const = 0;
  // The owners of the records above it by references whose owners read along, at most eight steps.
  virtual std::vector<Party> OwnersAbove() const = 0;
};

// Of a record that is about to be created, or that nothing is known of but its owner.
class NoSurroundings final : public Surroundings {
 public:
  std::vector<Share> Shares() const override { return {}; }
  std::vector<Party> OwnersAbove() const override { return {}; }
};

struct Facts {
  TypeNumber type = 0;
  Party owner;  // user or team; of a type that units own: the unit
};

enum class Step : uint8_t {
  kGate,
  kAdministrator,
  kType,
  kOwner,
  kShare,
  kInheritance,
  kHierarchy,
  kNothing,
};
std::string_view NameOf(Step step);

// What was looked at on the way to a decision, for people who ask why.
struct Derivation {
  struct Line {
    Step step{};
    bool decided = false;  // the decision was made here
    Depth depth{};
    Gate gate{};
    std::vector<Id> roles{};  // that give the depth
    Party through{};          // the team, share's holder, parent's owner or report
    int distance = 0;         // in the hierarchy
  };
  std::vector<Line> lines;
};

struct Verdict {
  bool allowed = false;
  Step step = Step::kNothing;  // that decided
  Gate gate = Gate::kOpen;
  explicit operator bool() const { return allowed; }
};

Verdict Decide(const Subject& subject, Right right, const Facts& facts,
               const Surroundings& surroundings, Derivation* derivation = nullptr);

// A record without an owner of its own follows the one above it: who reads that reads it, and who
// changes that may do the rest.
constexpr Right OnParent(Right right) { return right == Right::kRead ? right : Right::kWrite; }

// Whether the user has the right on any record at all.
bool MayAny(const Subject& subject, Right right, TypeNumber type);

}  // namespace crm::access
