#pragma once

#include "crm/sales/v1/account.pb.h"
#include "libs/shard/draft.h"
#include "libs/shard/transaction.h"

namespace crm::sales {

std::optional<shard::Refusal> DeriveAccount(shard::Draft& draft, const shard::Transaction& tx);
shard::Refusable<v1::ReparentAccountResponse> ReparentAccount(
    const v1::ReparentAccountRequest& request, shard::Transaction& tx);

shard::Refusable<v1::MergeAccountsResponse> MergeAccounts(const v1::MergeAccountsRequest& request,
                                                          shard::Transaction& tx);
shard::Refusable<v1::UnmergeAccountResponse> UnmergeAccount(
    const v1::UnmergeAccountRequest& request, shard::Transaction& tx);

}  // namespace crm::sales
