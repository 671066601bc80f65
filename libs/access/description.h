#pragma once

#include <optional>
#include <string>
#include <vector>

#include "libs/access/rights.h"
#include "libs/record/catalogue.h"

// An organization as its identity records describe it, before it is compiled.
namespace crm::access {

enum class Mode : uint8_t {
  kReadWrite,
  kAdministrative,  // only types of administration and customization
  kRead,            // nothing but reading
  kSupport,
  kNonInteractive,
};

struct TypeRow {
  TypeNumber number = 0;
  record::v1::Record::Ownership ownership = record::v1::Record::USER;
  std::string module;  // for which a user needs a seat; empty: any seat will do
  bool administrative = false;
};

struct UnitRow {
  Id id;
  std::optional<Id> parent;
};

struct Privilege {
  TypeNumber type = 0;
  Right right{};
  Depth depth{};
};

struct RoleRow {
  Id id;
  std::string title;
  bool administrator = false;
  std::vector<Privilege> privileges;
  std::vector<std::string> miscellaneous;
};

struct UserRow {
  Id id;
  std::string sign_in_name;  // in lower case
  Id unit;
  std::optional<Id> manager;
  std::optional<Id> position;
  Mode mode = Mode::kReadWrite;
  bool enabled = true;
  std::vector<Id> roles;
  std::vector<std::string> seats;  // modules
};

struct TeamRow {
  Id id;
  Id unit;
  bool owns = true;       // an owner team; else an access team, which has no roles
  bool everyone = false;  // the default team of its unit: all users of the unit are in it
  std::vector<Id> members;
  std::vector<Id> roles;
};

struct PositionRow {
  Id id;
  std::optional<Id> parent;
};

struct FieldRule {
  TypeNumber type = 0;
  uint32_t field = 0;
  bool read = false;
  bool create = false;
  bool update = false;
};

// A field that any profile names is secured.
struct ProfileRow {
  Id id;
  std::vector<Id> users;
  std::vector<Id> teams;
  std::vector<FieldRule> fields;
};

// What the members of the access team of a record of the type may do with it.
struct TemplateRow {
  Id id;
  TypeNumber type = 0;
  RightSet rights;
};

struct Hierarchy {
  enum class Model : uint8_t { kOff, kManager, kPosition };
  Model model = Model::kOff;
  int depth = 0;
  std::vector<TypeNumber> excluded;
};

struct Description {
  bool active = true;  // the tenant is not suspended
  std::vector<TypeRow> types;
  std::vector<UnitRow> units;
  std::vector<RoleRow> roles;
  std::vector<UserRow> users;
  std::vector<TeamRow> teams;
  std::vector<PositionRow> positions;
  std::vector<ProfileRow> profiles;
  std::vector<TemplateRow> templates;
  Hierarchy hierarchy;
};

}  // namespace crm::access
