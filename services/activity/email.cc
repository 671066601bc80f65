#include "services/activity/email.h"

#include <algorithm>

#include "libs/record/image.h"
#include "libs/record/name.h"

namespace crm::activity {
namespace {

using shard::Refusal;
using v1::Email;
using v1::Party;

bool IsRecipient(const Party& party) {
  return party.participation() == Party::PARTICIPATION_TO ||
         party.participation() == Party::PARTICIPATION_CC ||
         party.participation() == Party::PARTICIPATION_BCC;
}

// Whether the party's record, of whatever type, has the flag do_not_email.
bool RefusesEmail(const Party& party, const shard::Transaction& tx) {
  auto name = record::Name::Parse(party.record());
  const record::RecordType* type = name ? tx.catalogue().FindType(name->collection) : nullptr;
  const record::Field* flag = type == nullptr ? nullptr : type->Find("do_not_email");
  if (flag == nullptr) return false;
  auto image = tx.Find(*type, name->id);
  return image && !image->empty() && record::IntegerIn(*image, flag->number) != 0;
}

template <class Response>
Response Answer(const std::string& name, shard::Transaction& tx) {
  Response response;
  response.set_name(name);
  response.set_etag(tx.Get<Email>(name)->etag());
  return response;
}

}  // namespace

shard::Refusable<v1::SendEmailResponse> SendEmail(const v1::SendEmailRequest& request,
                                                  shard::Transaction& tx) {
  auto email = tx.Get<Email>(request.name(), request.etag());
  if (!email) return email.refusal();
  if (email->state() != Email::STATE_OPEN) return Refusal(v1::EMAIL_NOT_DRAFT);
  const auto& parties = email->parties();
  if (std::none_of(parties.begin(), parties.end(), IsRecipient))
    return Refusal(v1::EMAIL_WITHOUT_RECIPIENT);
  for (const Party& party : parties) {
    if (IsRecipient(party) && RefusesEmail(party, tx))
      return Refusal(v1::DO_NOT_EMAIL).With("party", party.record());
  }
  email->set_outgoing(true);
  email->set_state(Email::STATE_COMPLETED);
  email->set_status(Email::STATUS_PENDING_SEND);
  email->clear_send_error();
  if (auto refusal = tx.Put(*email)) return *refusal;
  return Answer<v1::SendEmailResponse>(email->name(), tx);
}

shard::Refusable<v1::ReportEmailSendingResponse> ReportEmailSending(
    const v1::ReportEmailSendingRequest& request, shard::Transaction& tx) {
  auto email = tx.Get<Email>(request.name(), request.etag());
  if (!email) return email.refusal();
  if (email->status() != Email::STATUS_PENDING_SEND && email->status() != Email::STATUS_SENDING)
    return Refusal(v1::EMAIL_NOT_PENDING);
  switch (request.status()) {
    case Email::STATUS_FAILED:
      email->set_state(Email::STATE_OPEN);
      email->set_send_error(request.error());
      email->set_send_attempts(email->send_attempts() + 1);
      break;
    case Email::STATUS_SENT:
      email->set_send_attempts(email->send_attempts() + 1);
      email->mutable_sent_time()->ParseFromString(record::TimestampBytes(tx.time()));
      break;
    case Email::STATUS_SENDING:
      break;
    default:
      return Refusal(v1::EMAIL_STATUS_NOT_REPORTED, "status");
  }
  email->set_status(request.status());
  if (!request.message_id().empty()) email->set_message_id(request.message_id());
  if (auto refusal = tx.Put(*email)) return *refusal;
  return Answer<v1::ReportEmailSendingResponse>(email->name(), tx);
}

}  // namespace crm::activity
