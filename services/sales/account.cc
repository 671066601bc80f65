#include "services/sales/account.h"

#include "libs/record/fold.h"
#include "services/sales/merge.h"
#include "services/sales/reparent.h"

namespace crm::sales {

using v1::Account;

std::optional<shard::Refusal> DeriveAccount(shard::Draft& draft, const shard::Transaction&) {
  draft.SetText(Account::kFoldedNameFieldNumber,
                record::Fold(draft.Text(Account::kDisplayNameFieldNumber)));
  return std::nullopt;
}

shard::Refusable<v1::ReparentAccountResponse> ReparentAccount(
    const v1::ReparentAccountRequest& request, shard::Transaction& tx) {
  auto account = tx.Get<Account>(request.name(), request.etag());
  if (!account) return account.refusal();
  if (auto refusal = CheckEditable(*account, tx)) return *refusal;
  v1::ReparentAccountResponse response;
  response.set_previous_parent_account(account->parent_account());
  account->set_parent_account(request.parent_account());
  if (auto refusal = tx.Put(*account)) return *refusal;
  response.set_name(account->name());
  response.set_etag(tx.Get<Account>(request.name())->etag());
  return response;
}

shard::Refusable<v1::MergeAccountsResponse> MergeAccounts(const v1::MergeAccountsRequest& request,
                                                          shard::Transaction& tx) {
  return MergeRecords<v1::MergeAccountsResponse, v1::Account>(request, v1::Account::STATE_INACTIVE,
                                                              v1::Account::STATUS_INACTIVE, tx);
}

shard::Refusable<v1::UnmergeAccountResponse> UnmergeAccount(
    const v1::UnmergeAccountRequest& request, shard::Transaction& tx) {
  return UnmergeRecord<v1::UnmergeAccountResponse, v1::Account>(request, v1::ACCOUNT_NOT_MERGED,
                                                                tx);
}

}  // namespace crm::sales
