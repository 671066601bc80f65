#pragma once

#include <string>

#include "libs/record/result.h"

namespace crm::runtime {

// What RocksDB can not write ends the process in the middle of something, without a word about the
// disk; so whoever begins something long asks before.

// The folder is there, or was made, and its disk has room to start with; else an error that says
// how much is free and how much is needed.
record::Result<record::Done> MakeFolderWithRoom(const std::string& folder);
// There is room for all that stores have in memory only.
bool HasRoomToFlush(const std::string& folder);

}  // namespace crm::runtime
