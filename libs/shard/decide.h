#pragma once

#include "libs/shard/command.h"
#include "libs/shard/transaction.h"

namespace crm::shard {

// Decides a command on what the transaction shows: stages its events, or says why not. Pure: no
// clock, no dice, no disk but the projections.
Outcome Decide(const Command& command, Transaction& tx);

// What the command was answered when it was carried out by the commit at `position`, from that
// commit's events alone; for repeated requests.
Outcome Answered(const Command& command, const record::Catalogue& catalogue,
                 const store::View& view, store::TenantNumber tenant, int64_t position);

}  // namespace crm::shard
