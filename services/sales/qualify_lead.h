#pragma once

#include "crm/sales/v1/lead.pb.h"
#include "libs/shard/transaction.h"

namespace crm::sales {

shard::Refusable<v1::QualifyLeadResponse> QualifyLead(const v1::QualifyLeadRequest& request,
                                                      shard::Transaction& tx);

}  // namespace crm::sales
