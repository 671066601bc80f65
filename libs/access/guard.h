#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/access/decide.h"
#include "libs/record/catalogue.h"
#include "libs/record/status.h"

namespace crm::access {

// How records are found while one is decided about: at one moment of the projections, or with what
// is decided and not yet durable.
class Records {
 public:
  virtual ~Records() = default;
  virtual const record::Catalogue& catalogue() const = 0;
  // The live record's image; nullopt: there is none.
  virtual std::optional<std::string> Find(const record::RecordType& type, const Id& id) const = 0;
  // Live records whose index begins with these values.
  virtual std::vector<Id> FindByIndex(const record::RecordType& type, const record::Index& index,
                                      const std::string& values) const = 0;
};

// A record as it is decided about.
struct Target {
  const record::RecordType* type = nullptr;
  Id id;
  std::string_view image;
  std::string Name() const { return type->collection + "/" + id.Text(); }
};

// The reference to the record above that one of a type without owner, such as an address, follows;
// null: it follows none.
const record::Field* FollowedField(const record::RecordType& type);

// One user before the records. Without a subject everything is allowed.
class Guard {
 public:
  Guard(const Subject* subject, const Records& records) : subject_(subject), records_(records) {}

  bool restricts() const { return subject_ != nullptr && !subject_->administrator(); }
  const Subject* subject() const { return subject_; }
  const Records& records() const { return records_; }

  Verdict Decide(Right right, const Target& target, Derivation* derivation = nullptr) const;
  bool May(Right right, const Target& target) const {
    return subject_ == nullptr || Decide(right, target).allowed;
  }
  // Everything that the user may do with the record that is there, as far as its type knows such a
  // right: only who has an owner of its own is assigned and shared.
  RightSet RightsOn(const Target& target) const;
  // OK, or NOT_FOUND if the user may not know of the record, or PERMISSION_DENIED with the right
  // that is missing.
  record::Status Check(Right right, const Target& target) const;
  // OK, or PERMISSION_DENIED if the user has the right on no record of the type.
  record::Status CheckAny(Right right, const record::RecordType& type) const;

  // The image without the fields that the user may not read; `secured_fields` says which.
  std::string Masked(const record::RecordType& type, std::string image) const;
  bool Hides(const record::RecordType& type, const record::Field& field) const;

 private:
  // What stops the user before any record of the type is looked at.
  Gate GateTo(Right right, const record::RecordType& type) const;
  // What it is told then.
  record::Status Closed(Gate gate, const record::RecordType& type) const;
  // What the record is decided by: of one that follows a record above it, that one.
  std::optional<std::string> Above(Target* target) const;
  // `decided`: what Above made of the record.
  Verdict DecideBy(Right right, const Target& decided, const Surroundings& surroundings,
                   Derivation* derivation) const;

  const Subject* subject_;
  const Records& records_;
};

}  // namespace crm::access
