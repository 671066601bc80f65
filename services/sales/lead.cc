#include "services/sales/lead.h"

#include "crm/activity/v1/appointment.pb.h"
#include "crm/activity/v1/email.pb.h"
#include "crm/activity/v1/fax.pb.h"
#include "crm/activity/v1/letter.pb.h"
#include "crm/activity/v1/phone_call.pb.h"
#include "crm/activity/v1/task.pb.h"
#include "services/sales/full_name.h"
#include "services/sales/merge.h"
#include "services/sales/reparent.h"

namespace crm::sales {
namespace {

using shard::Refusal;
using v1::Lead;

bool IsOfDisqualified(Lead::Status status) {
  return status == Lead::STATUS_LOST || status == Lead::STATUS_CANNOT_CONTACT ||
         status == Lead::STATUS_NO_LONGER_INTERESTED || status == Lead::STATUS_CANCELED;
}

template <class Activity>
std::optional<Refusal> CancelOpenOf(const std::string& lead, int* canceled,
                                    shard::Transaction& tx) {
  for (Activity& activity : tx.Referring<Activity>("regarding", lead)) {
    if (activity.state() == Activity::STATE_COMPLETED ||
        activity.state() == Activity::STATE_CANCELED)
      continue;
    activity.set_state(Activity::STATE_CANCELED);
    activity.set_status(Activity::STATUS_CANCELED);
    if (auto refusal = tx.Put(activity, shard::Event::kCanceled)) return refusal;
    ++*canceled;
  }
  return std::nullopt;
}

template <class... Activities>
std::optional<Refusal> CancelOpen(const std::string& lead, int* canceled, shard::Transaction& tx) {
  std::optional<Refusal> refusal;
  ((refusal = CancelOpenOf<Activities>(lead, canceled, tx)) || ...);
  return refusal;
}

}  // namespace

// The full name is first, middle and last name, as far as they are known.
std::optional<Refusal> DeriveLead(shard::Draft& draft, const shard::Transaction&) {
  draft.SetText(Lead::kFullNameFieldNumber, FullName({draft.Text(Lead::kFirstNameFieldNumber),
                                                      draft.Text(Lead::kMiddleNameFieldNumber),
                                                      draft.Text(Lead::kLastNameFieldNumber)}));
  return std::nullopt;
}

// A disqualified lead keeps every detail, so that it can come back.
shard::Refusable<v1::DisqualifyLeadResponse> DisqualifyLead(
    const v1::DisqualifyLeadRequest& request, shard::Transaction& tx) {
  auto lead = tx.Get<Lead>(request.name(), request.etag());
  if (!lead) return lead.refusal();
  if (lead->state() == Lead::STATE_QUALIFIED)
    return tx.About(Refusal(v1::LEAD_ALREADY_QUALIFIED), *lead);
  if (lead->state() == Lead::STATE_DISQUALIFIED)
    return tx.About(Refusal(v1::LEAD_ALREADY_DISQUALIFIED), *lead);
  const Lead::Status status =
      request.status() == Lead::STATUS_UNSPECIFIED ? Lead::STATUS_LOST : request.status();
  if (!IsOfDisqualified(status)) return Refusal(v1::LEAD_STATUS_NOT_OF_STATE, "status");

  v1::DisqualifyLeadResponse response;
  if (request.close_open_activities()) {
    int canceled = 0;
    auto refusal = CancelOpen<activity::v1::Task, activity::v1::PhoneCall, activity::v1::Email,
                              activity::v1::Letter, activity::v1::Fax, activity::v1::Appointment>(
        request.name(), &canceled, tx);
    if (refusal) return *refusal;
    response.set_canceled_activities(canceled);
  }
  lead->set_state(Lead::STATE_DISQUALIFIED);
  lead->set_status(status);
  lead->set_disqualify_comment(request.comment());
  if (auto refusal = tx.Put(*lead)) return *refusal;
  response.set_name(lead->name());
  response.set_etag(tx.Get<Lead>(request.name())->etag());
  return response;
}

// Back to open and new; what the lead had become stays where it is.
shard::Refusable<v1::ReactivateLeadResponse> ReactivateLead(
    const v1::ReactivateLeadRequest& request, shard::Transaction& tx) {
  auto lead = tx.Get<Lead>(request.name(), request.etag());
  if (!lead) return lead.refusal();
  if (lead->state() == Lead::STATE_OPEN) return tx.About(Refusal(v1::LEAD_ALREADY_OPEN), *lead);

  v1::ReactivateLeadResponse response;
  response.set_previous_state(lead->state());
  response.set_previous_status(lead->status());
  lead->set_state(Lead::STATE_OPEN);
  lead->set_status(Lead::STATUS_NEW);
  if (auto refusal = tx.Put(*lead)) return *refusal;
  response.set_name(lead->name());
  response.set_etag(tx.Get<Lead>(request.name())->etag());
  return response;
}

shard::Refusable<v1::ReparentLeadResponse> ReparentLead(const v1::ReparentLeadRequest& request,
                                                        shard::Transaction& tx) {
  auto lead = tx.Get<Lead>(request.name(), request.etag());
  if (!lead) return lead.refusal();
  if (auto refusal = CheckEditable(*lead, tx)) return *refusal;
  v1::ReparentLeadResponse response;
  response.set_previous_parent_account(lead->parent_account());
  response.set_previous_parent_contact(lead->parent_contact());
  lead->set_parent_account(request.parent_account());
  lead->set_parent_contact(request.parent_contact());
  if (auto refusal = tx.Put(*lead)) return *refusal;
  response.set_name(lead->name());
  response.set_etag(tx.Get<Lead>(request.name())->etag());
  return response;
}

shard::Refusable<v1::MergeLeadsResponse> MergeLeads(const v1::MergeLeadsRequest& request,
                                                    shard::Transaction& tx) {
  return MergeRecords<v1::MergeLeadsResponse, v1::Lead>(request, v1::Lead::STATE_DISQUALIFIED,
                                                        v1::Lead::STATUS_CANCELED, tx);
}

shard::Refusable<v1::UnmergeLeadResponse> UnmergeLead(const v1::UnmergeLeadRequest& request,
                                                      shard::Transaction& tx) {
  return UnmergeRecord<v1::UnmergeLeadResponse, v1::Lead>(request, v1::LEAD_NOT_MERGED, tx);
}

}  // namespace crm::sales
