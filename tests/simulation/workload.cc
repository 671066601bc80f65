#include "tests/simulation/workload.h"

#include <algorithm>
#include <cstdio>

#include "crm/activity/v1/note.pb.h"
#include "crm/activity/v1/task.pb.h"
#include "crm/sales/v1/lead.pb.h"

namespace crm::simulation {
namespace {

using activity::v1::Task;

constexpr size_t kChosenLeads = 3;
constexpr size_t kChosenChildren = 3;
const char* const kLeads = "/crm.sales.v1.Leads/";

std::string CollectionOf(const std::string& name) { return name.substr(0, name.find('/')); }

std::string Service(const std::string& collection) {
  if (collection == "leads") return kLeads;
  return collection == "notes" ? "/crm.activity.v1.Notes/" : "/crm.activity.v1.Tasks/";
}

std::string Singular(const std::string& collection) {
  return collection == "leads" ? "Lead" : collection == "notes" ? "Note" : "Task";
}

template <class Record>
void LearnRecord(const std::string& body, Knowledge* knowledge) {
  Record record;
  if (!record.ParseFromString(body) || record.name().empty()) return;
  knowledge->LearnName(record.name());
  knowledge->etags[record.name()] = record.etag();
}

}  // namespace

void Knowledge::LearnName(const std::string& name) {
  auto& known = names[CollectionOf(name)];
  if (std::find(known.begin(), known.end(), name) == known.end()) known.push_back(name);
}

void Knowledge::Learn(const Operation& operation, const rpc::Answer& answer) {
  if (!answer.initial.empty()) position = answer.initial.front().value;
  const std::string method = operation.method();
  if (operation.validate_only || method.starts_with("Delete")) return;
  if (method.ends_with("Leads")) {
    sales::v1::BatchLeadsResponse batch;
    if (!batch.ParseFromString(answer.body)) return;
    for (const auto& lead : batch.leads())
      LearnRecord<sales::v1::Lead>(lead.SerializeAsString(), this);
  } else if (method == "DisqualifyLead" || method == "ReactivateLead") {
    return;
  } else if (method.ends_with("Lead")) {
    LearnRecord<sales::v1::Lead>(answer.body, this);
  } else if (method.ends_with("Note")) {
    LearnRecord<activity::v1::Note>(answer.body, this);
  } else {
    LearnRecord<Task>(answer.body, this);
  }
}

std::string Workload::ChosenId(size_t number) {
  char id[40];
  std::snprintf(id, sizeof id, "0192f0c0-0000-7000-8000-%012zu", number);
  return id;
}

std::string Workload::Lead(const Knowledge& knowledge) {
  if (dice_.Chance(0.15)) return "leads/" + ChosenId(dice_.Below(kChosenLeads));
  return Pick(knowledge, "leads");
}

std::string Workload::Pick(const Knowledge& knowledge, const std::string& collection) {
  auto known = knowledge.names.find(collection);
  if (known == knowledge.names.end()) return collection + "/" + ChosenId(0);
  // Mostly one of a few, so that clients meet at them.
  const size_t some =
      dice_.Chance(0.7) ? std::min<size_t>(3, known->second.size()) : known->second.size();
  return known->second[dice_.Below(some)];
}

std::string Workload::Etag(const Knowledge& knowledge, const std::string& name) {
  auto known = knowledge.etags.find(name);
  return known == knowledge.etags.end() || dice_.Chance(0.6) ? "" : known->second;
}

std::string Workload::RequestId(const Knowledge& knowledge, const Operation& operation) {
  if (dice_.Chance(0.15)) return "";
  if (!knowledge.request_ids.empty() && dice_.Chance(0.06)) {
    return knowledge.request_ids[dice_.Below(knowledge.request_ids.size())];
  }
  return "request-" + std::to_string(operation.number);
}

template <class Request>
void Workload::Finish(const Knowledge& knowledge, const std::string& path, Request request,
                      Operation* operation) {
  operation->path = path;
  operation->request_id = RequestId(knowledge, *operation);
  request.set_request_id(operation->request_id);
  if constexpr (requires { request.set_validate_only(true); }) {
    if (dice_.Chance(0.05)) {
      operation->validate_only = true;
      request.set_validate_only(true);
    }
  }
  operation->request = request.SerializeAsString();
}

template <class Record>
void Workload::FillLead(Record* lead) {
  const std::string text = "text " + std::to_string(++texts_);
  lead->set_subject(text);
  lead->set_last_name("Name " + std::to_string(dice_.Below(4)));
  if (dice_.Chance(0.3)) lead->set_company_name("Company " + std::to_string(dice_.Below(3)));
  if (dice_.Chance(0.3)) lead->set_rating(sales::v1::Lead::RATING_HOT);
}

void Workload::Draw(const Knowledge& knowledge, Operation* operation) {
  // Who knows of no lead begins with one.
  const bool any = knowledge.names.contains("leads");
  const uint64_t what = any ? dice_.Below(100) : 85;
  if (what < 28) return DrawRead(knowledge, operation);
  if (what < 36) return DrawBatch(knowledge, operation);
  if (what < 46) return DrawLeadCommand(knowledge, operation);
  if (what < 68) return DrawChild(knowledge, operation);
  if (what < 76) return DrawNamed(knowledge, "leads", operation);
  if (what < 88) {
    sales::v1::CreateLeadRequest request;
    FillLead(request.mutable_lead());
    if (dice_.Chance(any ? 0.5 : 0.9)) request.set_lead_id(ChosenId(dice_.Below(kChosenLeads)));
    return Finish(knowledge, std::string(kLeads) + "CreateLead", request, operation);
  }
  sales::v1::UpdateLeadRequest request;
  request.mutable_lead()->set_name(Lead(knowledge));
  request.mutable_lead()->set_etag(Etag(knowledge, request.lead().name()));
  request.set_allow_missing(dice_.Chance(0.2));
  FillLead(request.mutable_lead());
  if (dice_.Chance(0.8)) request.mutable_update_mask()->add_paths("subject");
  if (dice_.Chance(0.2)) request.mutable_update_mask()->add_paths("last_name");
  if (dice_.Chance(0.2) || request.update_mask().paths().empty()) {
    request.mutable_update_mask()->add_paths("rating");
  }
  Finish(knowledge, std::string(kLeads) + "UpdateLead", request, operation);
}

void Workload::DrawLast(Operation* operation) {
  sales::v1::CreateLeadRequest request;
  FillLead(request.mutable_lead());
  operation->path = std::string(kLeads) + "CreateLead";
  operation->request_id = "request-" + std::to_string(operation->number);
  request.set_request_id(operation->request_id);
  operation->request = request.SerializeAsString();
}

void Workload::Get(const std::string& name, Operation* operation) {
  const std::string collection = CollectionOf(name);
  record::v1::GetRequest request;
  request.set_name(name);
  operation->reads = true;
  operation->path = Service(collection) + "Get" + Singular(collection);
  operation->request = request.SerializeAsString();
}

void Workload::DrawRead(const Knowledge& knowledge, Operation* operation) {
  operation->confirmed = dice_.Chance(0.1);
  if (dice_.Chance(0.15)) operation->min_position = knowledge.position;
  if (dice_.Chance(0.1)) {
    record::v1::ListRequest request;
    request.set_page_size(1000);
    operation->reads = true;
    operation->path = std::string(kLeads) + "ListLeads";
    operation->request = request.SerializeAsString();
    return;
  }
  Get(dice_.Chance(0.8) ? Lead(knowledge) : Pick(knowledge, dice_.Chance(0.5) ? "notes" : "tasks"),
      operation);
}

void Workload::DrawBatch(const Knowledge& knowledge, Operation* operation) {
  if (dice_.Chance(0.4)) {
    sales::v1::BatchCreateLeadsRequest request;
    for (size_t i = 0; i < 1 + dice_.Below(3); ++i)
      FillLead(request.add_requests()->mutable_lead());
    if (dice_.Chance(0.5)) {
      request.mutable_requests(0)->set_lead_id(ChosenId(dice_.Below(kChosenLeads)));
    }
    return Finish(knowledge, std::string(kLeads) + "BatchCreateLeads", request, operation);
  }
  sales::v1::BatchUpdateLeadsRequest request;
  for (size_t i = 0; i < kChosenLeads; ++i) {
    if (dice_.Chance(0.3)) continue;
    auto* update = request.add_requests();
    update->mutable_lead()->set_name("leads/" + ChosenId(i));
    update->mutable_lead()->set_etag(Etag(knowledge, update->lead().name()));
    FillLead(update->mutable_lead());
    update->mutable_update_mask()->add_paths(dice_.Chance(0.8) ? "subject" : "company_name");
  }
  if (request.requests().empty()) return DrawNamed(knowledge, "leads", operation);
  Finish(knowledge, std::string(kLeads) + "BatchUpdateLeads", request, operation);
}

void Workload::DrawLeadCommand(const Knowledge& knowledge, Operation* operation) {
  if (dice_.Chance(0.5)) {
    sales::v1::DisqualifyLeadRequest request;
    request.set_name(Lead(knowledge));
    request.set_etag(Etag(knowledge, request.name()));
    request.set_comment("comment " + std::to_string(++texts_));
    request.set_close_open_activities(dice_.Chance(0.7));
    return Finish(knowledge, std::string(kLeads) + "DisqualifyLead", request, operation);
  }
  sales::v1::ReactivateLeadRequest request;
  request.set_name(Lead(knowledge));
  request.set_etag(Etag(knowledge, request.name()));
  Finish(knowledge, std::string(kLeads) + "ReactivateLead", request, operation);
}

void Workload::DrawChild(const Knowledge& knowledge, Operation* operation) {
  const bool note = dice_.Chance(0.5);
  const std::string id = dice_.Chance(0.5) ? ChosenId(dice_.Below(kChosenChildren)) : "";
  const std::string text = "text " + std::to_string(++texts_);
  const uint64_t what = dice_.Below(100);
  if (what < 30) return DrawNamed(knowledge, note ? "notes" : "tasks", operation);
  if (note && what < 75) {
    activity::v1::CreateNoteRequest request;
    request.mutable_note()->set_regarding(Lead(knowledge));
    request.mutable_note()->set_text(text);
    request.set_note_id(id);
    return Finish(knowledge, "/crm.activity.v1.Notes/CreateNote", request, operation);
  }
  if (note) {
    activity::v1::UpdateNoteRequest request;
    request.mutable_note()->set_name(Pick(knowledge, "notes"));
    request.mutable_note()->set_etag(Etag(knowledge, request.note().name()));
    request.mutable_note()->set_text(text);
    request.mutable_update_mask()->add_paths("text");
    return Finish(knowledge, "/crm.activity.v1.Notes/UpdateNote", request, operation);
  }
  if (what < 75) {
    activity::v1::CreateTaskRequest request;
    request.mutable_task()->set_regarding(Lead(knowledge));
    request.mutable_task()->set_subject(text);
    request.set_task_id(id);
    return Finish(knowledge, "/crm.activity.v1.Tasks/CreateTask", request, operation);
  }
  activity::v1::UpdateTaskRequest request;
  request.mutable_task()->set_name(Pick(knowledge, "tasks"));
  request.mutable_task()->set_subject(text);
  request.mutable_update_mask()->add_paths("subject");
  Finish(knowledge, "/crm.activity.v1.Tasks/UpdateTask", request, operation);
}

void Workload::DrawNamed(const Knowledge& knowledge, const std::string& collection,
                         Operation* operation) {
  const std::string name = collection == "leads" ? Lead(knowledge) : Pick(knowledge, collection);
  if (dice_.Chance(0.5)) {
    record::v1::DeleteRequest request;
    request.set_name(name);
    request.set_etag(Etag(knowledge, name));
    request.set_force(dice_.Chance(0.7));
    return Finish(knowledge, Service(collection) + "Delete" + Singular(collection), request,
                  operation);
  }
  record::v1::NameRequest request;
  request.set_name(name);
  Finish(knowledge, Service(collection) + "Undelete" + Singular(collection), request, operation);
}

}  // namespace crm::simulation
