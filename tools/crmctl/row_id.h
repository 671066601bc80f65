#pragma once

#include <cstdint>
#include <string>

namespace crm::ctl {

// The id of the record that a row of an import becomes: a UUID of version 8 from SHA-256 over
// tenant, import and row, so that importing the same row again, however long after, can change
// nothing.
//   hashed = tenant 0x00 import-id 0x00 row-in-decimal; rows count from 1, the header not being one
std::string RowId(const std::string& tenant, const std::string& import_id, int64_t row);

}  // namespace crm::ctl
