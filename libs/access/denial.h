#pragma once

#include <string>
#include <string_view>

#include "libs/access/subject.h"
#include "libs/record/status.h"

// What callers are told who may not do something.
namespace crm::access {

// PERMISSION_DENIED MISSING_RIGHT. `what`: a record's name or a collection.
record::Status MissingRight(Right right, std::string_view what);
// PERMISSION_DENIED MISSING_PRIVILEGE; by its name, such as `MERGE`.
record::Status MissingPrivilege(const std::string& privilege);
// The same for what nobody else may do, such as `load history`.
record::Status OnlyAdministrators(std::string_view what);
// For a caller who may do nothing at all, or nothing with the records of a module.
record::Status Closed(Gate gate, std::string_view module = {});

}  // namespace crm::access
