#pragma once

#include "crm/sales/v1/currency.pb.h"
#include "libs/shard/draft.h"
#include "libs/shard/transaction.h"

namespace crm::sales {

std::optional<shard::Refusal> DeriveCurrency(shard::Draft& draft, const shard::Transaction& tx);

}  // namespace crm::sales
