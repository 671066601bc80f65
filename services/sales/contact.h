#pragma once

#include "crm/sales/v1/contact.pb.h"
#include "libs/shard/draft.h"
#include "libs/shard/transaction.h"

namespace crm::sales {

std::optional<shard::Refusal> DeriveContact(shard::Draft& draft, const shard::Transaction& tx);
shard::Refusable<v1::ReparentContactResponse> ReparentContact(
    const v1::ReparentContactRequest& request, shard::Transaction& tx);

shard::Refusable<v1::MergeContactsResponse> MergeContacts(const v1::MergeContactsRequest& request,
                                                          shard::Transaction& tx);
shard::Refusable<v1::UnmergeContactResponse> UnmergeContact(
    const v1::UnmergeContactRequest& request, shard::Transaction& tx);

}  // namespace crm::sales
