#include "libs/access/denial.h"

namespace crm::access {
namespace {

record::Status NoSeat(std::string_view module) {
  std::vector<record::Metadatum> about;
  if (!module.empty()) about.push_back({"module", std::string(module)});
  return record::MakeStatus(record::kPermissionDenied, NameOf(Gate::kNoSeat),
                            "The user has no seat of " +
                                std::string(module.empty() ? "any module" : module) +
                                "; AssignSeat gives one.",
                            about);
}

record::Status NoPrivilege(const std::string& privilege, const std::string& text) {
  return record::MakeStatus(record::kPermissionDenied, "MISSING_PRIVILEGE", text,
                            {{"privilege", privilege}});
}

}  // namespace

record::Status MissingRight(Right right, std::string_view what) {
  return record::MakeStatus(
      record::kPermissionDenied, "MISSING_RIGHT",
      "The right " + std::string(NameOf(right)) + " on " + std::string(what) + " is missing.",
      {{"right", std::string(NameOf(right))}, {"on", std::string(what)}});
}

record::Status MissingPrivilege(const std::string& privilege) {
  return NoPrivilege(privilege, "The privilege " + privilege + " is missing.");
}

record::Status OnlyAdministrators(std::string_view what) {
  return NoPrivilege("ADMINISTRATOR", "Only administrators " + std::string(what) + ".");
}

record::Status Closed(Gate gate, std::string_view module) {
  switch (gate) {
    case Gate::kUserDisabled:
      return record::MakeStatus(record::kUnauthenticated, NameOf(gate), "The user is disabled.");
    case Gate::kTenantSuspended:
      return record::MakeStatus(record::kPermissionDenied, NameOf(gate),
                                "The organization is suspended.");
    case Gate::kNoRole:
      return record::MakeStatus(record::kPermissionDenied, NameOf(gate),
                                "The user has no security role; AssignUserRoles gives one.");
    case Gate::kNoSeat:
      return NoSeat(module);
    default:
      return record::MakeStatus(record::kPermissionDenied, NameOf(gate),
                                "The user's access mode does not allow it.");
  }
}

}  // namespace crm::access
