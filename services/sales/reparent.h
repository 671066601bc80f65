#pragma once

#include "libs/shard/transaction.h"

namespace crm::sales {

// A record in a state in which it is not edited is not put under another one either.
template <class Record>
std::optional<shard::Refusal> CheckEditable(const Record& record, const shard::Transaction& tx) {
  const record::RecordType& type =
      *tx.catalogue().FindTypeByMessage(Record::descriptor()->full_name());
  if (type.EditableIn(record.state())) return std::nullopt;
  return shard::Refusal(record::MakeStatus(record::kFailedPrecondition, "RECORD_INACTIVE",
                                           record.name() + " can not be changed in its state.",
                                           {{"name", record.name()}}));
}

}  // namespace crm::sales
