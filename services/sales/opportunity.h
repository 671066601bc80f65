#pragma once

#include "crm/sales/v1/opportunity.pb.h"
#include "libs/shard/draft.h"
#include "libs/shard/transaction.h"

namespace crm::sales {

std::optional<shard::Refusal> DeriveOpportunity(shard::Draft& draft, const shard::Transaction& tx);
shard::Refusable<v1::WinOpportunityResponse> WinOpportunity(
    const v1::WinOpportunityRequest& request, shard::Transaction& tx);
shard::Refusable<v1::LoseOpportunityResponse> LoseOpportunity(
    const v1::LoseOpportunityRequest& request, shard::Transaction& tx);
shard::Refusable<v1::ReopenOpportunityResponse> ReopenOpportunity(
    const v1::ReopenOpportunityRequest& request, shard::Transaction& tx);
shard::Refusable<v1::ChangeOpportunityStageResponse> ChangeOpportunityStage(
    const v1::ChangeOpportunityStageRequest& request, shard::Transaction& tx);

// The present stage begins, or ends, at this instant.
void EnterStage(v1::Opportunity* opportunity, record::Instant time);
int64_t LeaveStage(v1::Opportunity* opportunity, record::Instant time);

}  // namespace crm::sales
