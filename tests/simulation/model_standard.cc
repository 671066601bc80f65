#include <google/protobuf/util/field_mask_util.h>

#include <algorithm>

#include "crm/activity/v1/note.pb.h"
#include "crm/activity/v1/task.pb.h"
#include "crm/sales/v1/lead.pb.h"
#include "tests/simulation/model.h"

// The standard methods, and which method is which.
namespace crm::simulation {
namespace {

using activity::v1::Task;
using sales::v1::Lead;

void SetDefault(google::protobuf::Message* record, const std::string& field, int number) {
  if (OptionOf(*record, field) == 0) SetOption(record, field, number);
}

void SetDefaults(const std::string& collection, google::protobuf::Message* record) {
  if (collection == "leads") {
    SetDefault(record, "state", Lead::STATE_OPEN);
    SetDefault(record, "status", Lead::STATUS_NEW);
    SetDefault(record, "rating", Lead::RATING_WARM);
    SetDefault(record, "priority", Lead::PRIORITY_DEFAULT);
    SetDefault(record, "preferred_contact_method", crm::type::v1::CONTACT_METHOD_ANY);
    SetDefault(record, "lead_kind", Lead::KIND_SALES);
  }
  if (collection == "tasks") {
    SetDefault(record, "state", Task::STATE_OPEN);
    SetDefault(record, "status", Task::STATUS_NOT_STARTED);
    SetDefault(record, "priority", Task::PRIORITY_NORMAL);
  }
}

int64_t Minutes(const google::protobuf::Timestamp& start, const google::protobuf::Timestamp& end) {
  const int64_t micros =
      (end.seconds() - start.seconds()) * 1'000'000 + (end.nanos() - start.nanos()) / 1'000;
  return micros / 60'000'000;
}

void DeriveTask(int64_t time_us, google::protobuf::Message* record) {
  Task task;
  task.ParseFromString(record->SerializeAsString());
  SetTime(&task, "activity_time", time_us);
  if (task.has_create_time()) *task.mutable_activity_time() = task.create_time();
  if (task.has_scheduled_start_time()) *task.mutable_activity_time() = task.scheduled_start_time();
  if (task.has_scheduled_end_time()) *task.mutable_activity_time() = task.scheduled_end_time();
  if (task.has_actual_end_time()) *task.mutable_activity_time() = task.actual_end_time();
  const bool planned = task.has_scheduled_start_time() && task.has_scheduled_end_time();
  const int64_t minutes =
      planned ? Minutes(task.scheduled_start_time(), task.scheduled_end_time()) : 0;
  task.set_scheduled_duration_minutes(static_cast<int>(std::max<int64_t>(0, minutes)));
  record->ParseFromString(task.SerializeAsString());
}

void Derive(const std::string& collection, int64_t time_us, google::protobuf::Message* record) {
  if (collection == "leads") SetText(record, "full_name", TextOf(*record, "last_name"));
  if (collection == "tasks") DeriveTask(time_us, record);
}

}  // namespace

bool Decider::Create(const std::string& collection, const std::string& chosen_id,
                     const Message& record) {
  const std::string name =
      chosen_id.empty() ? TakeNewName(collection) : collection + "/" + chosen_id;
  if (!chosen_id.empty() && Find(name) != nullptr) return Refuse("ID");
  const std::string regarding = TextOf(record, "regarding");
  if (collection != "leads" && !Alive(regarding)) return Refuse("BAD_REFERENCE");
  std::unique_ptr<Message> after(record.New());
  after->CopyFrom(record);
  SetText(after.get(), "owner", operation_.user);
  SetDefaults(collection, after.get());
  Derive(collection, time_us_, after.get());
  Stage(name, "created", after.get(), 1);
  decision_.images.push_back(staged_[name].image);
  return true;
}

bool Decider::Update(const Message& record, const google::protobuf::FieldMask& mask) {
  const std::string name = TextOf(record, "name");
  if (!Alive(name)) return Refuse("NOT_FOUND");
  const std::string collection = CollectionOf(name);
  const std::string before = Find(name)->image;
  auto after = ParseRecord(collection, before);
  const std::string etag = TextOf(record, "etag");
  if (!etag.empty() && etag != TextOf(*after, "etag")) return Refuse("VERSION_CONFLICT");
  if (collection != "notes" && OptionOf(*after, "state") != Lead::STATE_OPEN) {
    return Refuse("RECORD_INACTIVE");
  }
  google::protobuf::util::FieldMaskUtil::MergeMessageTo(record, mask, {}, after.get());
  Derive(collection, time_us_, after.get());
  if (after->SerializeAsString() != before) {
    Stage(name, "updated", after.get(), EtagOf(name, before) + 1);
  }
  decision_.images.push_back(Find(name)->image);
  return true;
}

std::vector<std::string> Decider::ChildrenOf(const std::string& lead) const {
  std::vector<std::string> children;
  for (const auto& [key, record] : state_) {
    const std::string collection = CollectionOf(key.second);
    if (key.first != operation_.tenant || collection == "leads" || !Alive(key.second)) continue;
    if (TextOf(*ParseRecord(collection, Find(key.second)->image), "regarding") == lead) {
      children.push_back(key.second);
    }
  }
  return children;
}

void Decider::Delete(const record::v1::DeleteRequest& request) {
  const std::string& name = request.name();
  if (!Alive(name)) return void(Refuse("NOT_FOUND"));
  if (!request.etag().empty() &&
      request.etag() != std::to_string(EtagOf(name, Find(name)->image))) {
    return void(Refuse("VERSION_CONFLICT"));
  }
  const std::vector<std::string> children = ChildrenOf(name);
  if (!children.empty() && !request.force()) return void(Refuse("HAS_CHILDREN"));
  for (const std::string& child : children) decision_.effects.push_back({child, "deleted", ""});
  decision_.effects.push_back({name, "deleted", ""});
}

// With a lead come the children that were deleted with it.
void Decider::Undelete(const record::v1::NameRequest& request) {
  const std::string& name = request.name();
  const Record* root = Find(name);
  if (root == nullptr) return void(Refuse("NOT_FOUND"));
  if (!root->deleted) return void(Refuse("NOT_DELETED"));
  const std::string regarding = TextOf(*ParseRecord(CollectionOf(name), root->image), "regarding");
  if (!regarding.empty() && !Alive(regarding)) return void(Refuse("PARENT_DELETED"));
  const size_t deleted_in = root->deleted_in;
  for (const auto& [key, record] : state_) {
    if (key.first != operation_.tenant || !record->deleted || record->deleted_in != deleted_in) {
      continue;
    }
    auto after = ParseRecord(CollectionOf(key.second), record->image);
    if (key.second != name && TextOf(*after, "regarding") != name) continue;
    Stage(key.second, "undeleted", after.get(), EtagOf(key.second, record->image) + 2);
  }
  decision_.images.push_back(staged_[name].image);
}

template <class Request, class Act>
void Decider::On(const std::string& method, Act act) {
  if (operation_.method() != method) return;
  Request request;
  request.ParseFromString(operation_.request);
  act(request);
}

Decision Decider::Decide() {
  On<sales::v1::CreateLeadRequest>(
      "CreateLead", [&](auto& request) { Create("leads", request.lead_id(), request.lead()); });
  On<activity::v1::CreateNoteRequest>(
      "CreateNote", [&](auto& request) { Create("notes", request.note_id(), request.note()); });
  On<activity::v1::CreateTaskRequest>(
      "CreateTask", [&](auto& request) { Create("tasks", request.task_id(), request.task()); });
  On<sales::v1::UpdateLeadRequest>("UpdateLead", [&](auto& request) {
    // With allow_missing, what never was is created.
    if (request.allow_missing() && Find(request.lead().name()) == nullptr) {
      sales::v1::Lead lead = request.lead();
      lead.clear_etag();
      Create("leads", lead.name().substr(lead.name().find('/') + 1), lead);
    } else {
      Update(request.lead(), request.update_mask());
    }
  });
  On<activity::v1::UpdateNoteRequest>(
      "UpdateNote", [&](auto& request) { Update(request.note(), request.update_mask()); });
  On<activity::v1::UpdateTaskRequest>(
      "UpdateTask", [&](auto& request) { Update(request.task(), request.update_mask()); });
  On<sales::v1::BatchCreateLeadsRequest>("BatchCreateLeads", [&](auto& request) {
    for (const auto& each : request.requests()) {
      if (!Create("leads", each.lead_id(), each.lead())) break;
    }
  });
  On<sales::v1::BatchUpdateLeadsRequest>("BatchUpdateLeads", [&](auto& request) {
    for (const auto& each : request.requests()) {
      if (!Update(each.lead(), each.update_mask())) break;
    }
  });
  On<sales::v1::DisqualifyLeadRequest>("DisqualifyLead", [&](auto& r) { Disqualify(r); });
  On<sales::v1::ReactivateLeadRequest>("ReactivateLead", [&](auto& r) { Reactivate(r); });
  for (const char* type : {"Lead", "Note", "Task"}) {
    On<record::v1::DeleteRequest>(std::string("Delete") + type, [&](auto& r) { Delete(r); });
    On<record::v1::NameRequest>(std::string("Undelete") + type, [&](auto& r) { Undelete(r); });
  }
  return std::move(decision_);
}

}  // namespace crm::simulation
