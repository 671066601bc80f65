#pragma once

#include "crm/sales/v1/lead.pb.h"
#include "libs/shard/draft.h"
#include "libs/shard/transaction.h"

namespace crm::sales {

std::optional<shard::Refusal> DeriveLead(shard::Draft& draft, const shard::Transaction& tx);
shard::Refusable<v1::DisqualifyLeadResponse> DisqualifyLead(
    const v1::DisqualifyLeadRequest& request, shard::Transaction& tx);
shard::Refusable<v1::ReactivateLeadResponse> ReactivateLead(
    const v1::ReactivateLeadRequest& request, shard::Transaction& tx);

shard::Refusable<v1::ReparentLeadResponse> ReparentLead(const v1::ReparentLeadRequest& request,
                                                        shard::Transaction& tx);

shard::Refusable<v1::MergeLeadsResponse> MergeLeads(const v1::MergeLeadsRequest& request,
                                                    shard::Transaction& tx);
shard::Refusable<v1::UnmergeLeadResponse> UnmergeLead(const v1::UnmergeLeadRequest& request,
                                                      shard::Transaction& tx);

}  // namespace crm::sales
