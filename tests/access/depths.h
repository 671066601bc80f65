#pragma once

#include <optional>

#include "tests/access/organization.h"
#include "tests/conformance/tested.h"

namespace crm::test {

// Where a record belongs, as its caller sees it: the caller's own, a colleague's of its unit, of a
// unit below that, of another unit.
enum class Where { kOwn, kUnit, kBelow, kElsewhere };
inline constexpr Where kEverywhere[] = {Where::kOwn, Where::kUnit, Where::kBelow,
                                        Where::kElsewhere};

// A user whose rights on records of every type are as deep as the digits say, in the order of
// crm.record.v1.Right: 0 none, 1 user, 2 unit, 3 unit and below, 4 organization.
struct Caller {
  std::string sign_in_name;
  std::string depths;
  std::optional<record::v1::Right> varied;  // the one that differs from the others; none: all alike
  std::string user;                         // its record
  Client client;
};

// An organization with a user for each depth of all rights and of each right by itself, all in one
// unit; and of each record type a record for each place where it may belong.
class Depths {
 public:
  explicit Depths(const std::string& tenant);

  const Organization& organization() const { return organization_; }
  const std::vector<Caller>& callers() const { return callers_; }
  const std::vector<const RecordType*>& types() const { return types_; }
  std::string UserAt(const Caller& caller, Where where) const;

  // The record's name; empty where the type has none there.
  std::string RecordAt(const RecordType& type, const Caller& caller, Where where) const;
  // One that was deleted.
  std::string DeletedAt(const RecordType& type, const Caller& caller, Where where) const;
  // A record as it might be created to belong there; null where none can.
  Record NewAt(const RecordType& type, const Caller& caller, Where where);

  // What the rules say (domain rules 6.3 and 6.4): whether the right reaches a record of the type
  // that belongs there.
  static bool Covers(const Caller& caller, record::v1::Right right, const RecordType& type,
                     Where where);
  // The same for a record that refers to others, to which it must be attached.
  bool MayCreate(const Caller& caller, const RecordType& type, Where where,
                 const Record& record) const;

 private:
  using Slot = std::string;  // a caller's sign-in name, or where
  static Slot SlotOf(const Caller& caller, Where where);

  static std::vector<std::string> Privileges();
  void AddCallers();
  void AddCaller(const std::string& name, const std::string& depths,
                 std::optional<record::v1::Right> varied);
  void Plant(const RecordType& type);
  void PlantOne(const RecordType& type);
  std::vector<std::string> CreateIn(Tested& tested, const std::vector<Slot>& slots);
  void Belong(const Slot& slot, Tested* tested);
  Record New(Tested& tested, const Slot& slot);
  Tested& TestedOf(const RecordType& type);

  const std::string tenant_;
  Organization organization_;
  std::string mine_, below_, elsewhere_;  // units
  std::vector<Caller> callers_;
  std::vector<const RecordType*> types_;
  std::map<Slot, std::string> users_, units_;
  std::map<std::string, Tested> tested_;                        // by collection
  std::map<std::string, std::map<Slot, std::string>> records_;  // by collection
  std::map<std::string, std::map<Slot, std::string>> deleted_;
  int seed_ = 1'000;  // of the records
};

}  // namespace crm::test
