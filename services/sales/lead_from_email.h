#pragma once

#include "crm/sales/v1/lead.pb.h"
#include "libs/shard/transaction.h"

namespace crm::sales {

shard::Refusable<v1::CreateLeadFromEmailResponse> CreateLeadFromEmail(
    const v1::CreateLeadFromEmailRequest& request, shard::Transaction& tx);

}  // namespace crm::sales
