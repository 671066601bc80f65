#include "crm/activity/v1/task.pb.h"
#include "crm/sales/v1/lead.pb.h"
#include "tests/simulation/model.h"

// The leads' own commands.
namespace crm::simulation {

using activity::v1::Task;
using sales::v1::Lead;

void Decider::Disqualify(const sales::v1::DisqualifyLeadRequest& request) {
  if (!Alive(request.name())) return void(Refuse("NOT_FOUND"));
  Lead lead;
  lead.ParseFromString(Find(request.name())->image);
  if (!request.etag().empty() && request.etag() != lead.etag()) {
    return void(Refuse("VERSION_CONFLICT"));
  }
  if (lead.state() == Lead::STATE_DISQUALIFIED) return void(Refuse("LEAD_ALREADY_DISQUALIFIED"));
  sales::v1::DisqualifyLeadResponse response;
  for (const std::string& child : ChildrenOf(request.name())) {
    if (CollectionOf(child) != "tasks" || !request.close_open_activities()) continue;
    Task task;
    task.ParseFromString(Find(child)->image);
    if (task.state() != Task::STATE_OPEN) continue;
    task.set_state(Task::STATE_CANCELED);
    task.set_status(Task::STATUS_CANCELED);
    SetTime(&task, "actual_end_time", time_us_);
    SetTime(&task, "activity_time", time_us_);
    Stage(child, "canceled", &task, EtagOf(child, Find(child)->image) + 1);
    response.set_canceled_activities(response.canceled_activities() + 1);
  }
  lead.set_state(Lead::STATE_DISQUALIFIED);
  lead.set_status(Lead::STATUS_LOST);
  lead.set_disqualify_comment(request.comment());
  Stage(request.name(), "disqualified", &lead,
        EtagOf(request.name(), Find(request.name())->image) + 1);
  response.set_name(request.name());
  response.set_etag(lead.etag());
  decision_.response = response.SerializeAsString();
}

void Decider::Reactivate(const sales::v1::ReactivateLeadRequest& request) {
  if (!Alive(request.name())) return void(Refuse("NOT_FOUND"));
  Lead lead;
  lead.ParseFromString(Find(request.name())->image);
  if (!request.etag().empty() && request.etag() != lead.etag()) {
    return void(Refuse("VERSION_CONFLICT"));
  }
  if (lead.state() == Lead::STATE_OPEN) return void(Refuse("LEAD_ALREADY_OPEN"));
  sales::v1::ReactivateLeadResponse response;
  response.set_previous_state(lead.state());
  response.set_previous_status(lead.status());
  lead.set_state(Lead::STATE_OPEN);
  lead.set_status(Lead::STATUS_NEW);
  Stage(request.name(), "reactivated", &lead,
        EtagOf(request.name(), Find(request.name())->image) + 1);
  response.set_name(request.name());
  response.set_etag(lead.etag());
  decision_.response = response.SerializeAsString();
}

}  // namespace crm::simulation
