#pragma once

#include "libs/rpc/item.h"

// By what a repetition of a command is known.
namespace crm::rpc {

// The request id, and what a repetition must have in common with the first call; also whether the
// command is only to be checked.
void ReadRequestId(const record::Spans& spans, Reading& reading, shard::Command* command);
// The source's own number of the command, where it has one: `crm-outbox` in the metadata.
void ReadOutbox(const Call& call, Reading& reading, shard::Command* command);

}  // namespace crm::rpc
