#pragma once

#include "crm/activity/v1/email.pb.h"
#include "libs/shard/transaction.h"

namespace crm::activity {

shard::Refusable<v1::SendEmailResponse> SendEmail(const v1::SendEmailRequest& request,
                                                  shard::Transaction& tx);
shard::Refusable<v1::ReportEmailSendingResponse> ReportEmailSending(
    const v1::ReportEmailSendingRequest& request, shard::Transaction& tx);
shard::Refusable<v1::ImportEmailResponse> ImportEmail(const v1::ImportEmailRequest& request,
                                                      shard::Transaction& tx);

}  // namespace crm::activity
