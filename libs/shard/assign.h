#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/shard/command.h"
#include "libs/shard/transaction.h"

// What happens to a record's owner and shares happens to others along with it, as their references
// declare.
namespace crm::shard {

struct Along {
  const record::RecordType* type = nullptr;
  record::Uuid id;
  std::string image;
};
using CascadeOf = record::v1::Cascade record::Referrer::*;

// The records that go along with one, whose owner this was.
std::vector<Along> RecordsAlong(const record::RecordType& type, const record::Uuid& id,
                                std::string_view owner, CascadeOf cascade, const Transaction& tx);
// The record that such a command is about; it must have an owner.
std::optional<Along> NamedRecord(std::string_view text, std::string_view etag,
                                 const Transaction& tx, record::Status* status);

record::Status AssignRecord(const Command& command, Transaction& tx, std::string* response);

}  // namespace crm::shard
