#include "tests/golden/sample_events.h"

#include <memory>

#include "crm/identity/v1/event.pb.h"
#include "crm/sales/v1/event.pb.h"
#include "libs/log/own_record.h"
#include "libs/record/uuid.h"
#include "tests/server/filled.h"

namespace crm::golden {
namespace {

using sales::v1::Event;
using sales::v1::Lead;

constexpr int64_t kTime = 1'385'164'800'123'456;  // 2013-11-23T00:00:00.123456Z
constexpr const char* kLead = "leads/0142826f-f800-7000-8000-000000000001";
constexpr const char* kUser = "users/0142826f-f800-7000-8000-0000000000aa";

std::string Id(int last) {
  record::Uuid id = *record::Uuid::Parse("0142826f-f87b-7000-8000-000000000000");
  id.bytes[15] = static_cast<uint8_t>(last);
  return std::string(id.Bytes());
}

log::Envelope EnvelopeOf(const std::string& type, uint64_t seq) {
  log::Envelope envelope;
  envelope.set_id(Id(static_cast<int>(seq)));
  envelope.set_source("/crm/sales");
  envelope.set_type(type);
  envelope.set_time_us(kTime);
  envelope.set_dataschema(
      "crm:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855#crm.sales.v1.Event");
  envelope.set_recorded_time_us(kTime + 42);
  envelope.set_claim(3);
  envelope.set_claim_id(0x00c0ffee00c0ffee);
  envelope.set_seq(seq);
  return envelope;
}

log::Envelope RecordEnvelope(const std::string& type, uint64_t seq, const std::string& subject) {
  log::Envelope envelope = EnvelopeOf(type, seq);
  envelope.set_subject(subject);
  envelope.set_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  envelope.set_tenant("acme");
  envelope.set_actor(kUser);
  envelope.set_client("api");
  envelope.set_command(Id(0xcc));
  envelope.set_commit_index(1);
  envelope.set_commit_count(1);
  envelope.set_request("6f1ed002-ab5d-4d1c-9c3f-000000000001");
  envelope.set_request_hash("0123456789abcdef0123456789abcdef");
  return envelope;
}

template <class Record>
void FillStandard(Record* record, const std::string& name, int etag) {
  record->set_name(name);
  record->set_etag(std::to_string(etag));
  record->mutable_create_time()->set_seconds(kTime / 1'000'000);
  record->mutable_create_time()->set_nanos(123'456'000);
  record->mutable_update_time()->set_seconds(kTime / 1'000'000 + etag - 1);
  record->mutable_update_time()->set_nanos(123'456'000);
  record->set_create_user(kUser);
  record->set_update_user(kUser);
  record->set_owner(kUser);
}

Lead SampleLead(int etag) {
  Lead lead;
  FillStandard(&lead, kLead, etag);
  lead.set_state(Lead::STATE_OPEN);
  lead.set_status(Lead::STATUS_NEW);
  (*lead.mutable_custom())["shoe_size"].set_integer(44);
  (*lead.mutable_custom())["newsletter"].set_flag(false);
  lead.set_subject("40 bicycles for the town hall");
  lead.set_company_name("Stadtwerke Köln");
  lead.set_lead_source(Lead::SOURCE_WEB);
  lead.set_number_of_employees(1200);
  lead.mutable_revenue()->set_currency_code("EUR");
  lead.mutable_revenue()->set_units(1'500'000);
  lead.mutable_revenue()->set_nanos(250'000'000);
  lead.set_currency("EUR");
  lead.mutable_estimated_close_date()->set_year(2014);
  lead.mutable_estimated_close_date()->set_month(2);
  lead.mutable_estimated_close_date()->set_day(28);
  lead.set_estimated_value(0.75);
  lead.set_description("Asked twice.\nCall in the morning.");
  lead.set_full_name("Ana Ortega");
  lead.set_first_name("Ana");
  lead.set_last_name("Ortega");
  lead.set_email("ana@example.com");
  lead.mutable_address1()->set_city("Köln");
  lead.mutable_address1()->set_latitude(50.94);
  (*lead.mutable_custom_personal())["nickname"].set_text("Anita");
  return lead;
}

activity::v1::Note SampleNote(int etag) {
  activity::v1::Note note;
  FillStandard(&note, "notes/0142826f-f800-7000-8000-000000000002", etag);
  note.set_regarding(kLead);
  note.set_subject("First call");
  note.set_text("Wants the offer by Friday.");
  return note;
}

activity::v1::Task SampleTask(int etag) {
  activity::v1::Task task;
  FillStandard(&task, "tasks/0142826f-f800-7000-8000-000000000003", etag);
  task.set_state(activity::v1::Task::STATE_OPEN);
  task.set_status(activity::v1::Task::STATUS_NOT_STARTED);
  task.set_regarding(kLead);
  task.set_subject("Write the offer");
  task.set_priority(activity::v1::Task::PRIORITY_HIGH);
  task.mutable_scheduled_end_time()->set_seconds(kTime / 1'000'000 + 86'400);
  task.set_percent_complete(10);
  return task;
}

class Samples {
 public:
  std::vector<SampleEvent> Take() && { return std::move(events_); }

  log::Envelope& Add(const std::string& type, const std::string& subject,
                     const google::protobuf::Message& event) {
    events_.push_back(
        {RecordEnvelope(type, events_.size() + 1, subject), event.SerializeAsString()});
    return events_.back().envelope;
  }

  void AddOwn(std::string_view type, std::string value) {
    const uint64_t seq = type == log::kClaimType ? 0 : events_.size() + 1;
    events_.push_back({EnvelopeOf(std::string(type), seq), std::move(value)});
  }

 private:
  std::vector<SampleEvent> events_;
};

log::Envelope& AddLead(Samples* samples, const std::string& what, const Lead& lead) {
  Event event;
  *event.mutable_lead() = lead;
  return samples->Add("crm.sales.v1.lead." + what, kLead, event);
}

void AddLeadCommands(Samples* samples) {
  Lead lead = SampleLead(3);
  lead.set_state(Lead::STATE_DISQUALIFIED);
  lead.set_status(Lead::STATUS_LOST);
  lead.set_disqualify_comment("Bought elsewhere");
  sales::v1::DisqualifyLeadResponse disqualified;
  disqualified.set_name(kLead);
  disqualified.set_etag("3");
  auto& disqualify = AddLead(samples, "disqualified", lead);
  disqualify.set_changed("state,status,disqualify_comment");
  disqualify.set_outcome(disqualified.SerializeAsString());

  sales::v1::ReactivateLeadResponse reactivated;
  reactivated.set_name(kLead);
  reactivated.set_etag("4");
  reactivated.set_previous_state(Lead::STATE_DISQUALIFIED);
  reactivated.set_previous_status(Lead::STATUS_LOST);
  auto& reactivate = AddLead(samples, "reactivated", SampleLead(4));
  reactivate.set_changed("state,status,disqualify_comment");
  reactivate.set_outcome(reactivated.SerializeAsString());
}

void AddLeads(Samples* samples) {
  AddLead(samples, "created", SampleLead(1)).set_outbox("import-7f/12");

  Lead updated = SampleLead(2);
  updated.set_email("ana.ortega@example.com");
  updated.mutable_address1()->set_city("Bonn");
  auto& update = AddLead(samples, "updated", updated);
  update.set_changed("email,address1.city");
  update.set_on_behalf_of("users/0142826f-f800-7000-8000-0000000000bb");
  update.set_commit_count(2);
  update.clear_request();  // which the commit's last event carries
  update.clear_request_hash();

  AddLeadCommands(samples);
  samples->Add("crm.sales.v1.lead.deleted", kLead, Event());
  AddLead(samples, "undeleted", SampleLead(6));
  AddLead(samples, "unlinked", SampleLead(7)).set_changed("campaign");
  Lead relinked = SampleLead(8);
  relinked.set_campaign("campaigns/0142826f-f800-7000-8000-000000000009");
  auto& relink = AddLead(samples, "relinked", relinked);
  relink.set_changed("campaign");
  relink.set_cause("marketing/3@1234");
}

template <class Record>
void AddChildren(Samples* samples, const std::string& type, Record* (Event::*mutable_record)(),
                 Record (*sample)(int)) {
  auto add = [&](const std::string& what, int etag) -> log::Envelope& {
    Event event;
    *(event.*mutable_record)() = sample(etag);
    return samples->Add("crm.activity.v1." + type + "." + what, sample(1).name(), event);
  };
  add("created", 1);
  add("updated", 2).set_changed("subject");
  samples->Add("crm.activity.v1." + type + ".deleted", sample(1).name(), Event());
  add("undeleted", 4);
}

std::string Snake(const std::string& name) {
  std::string snake;
  for (char letter : name) {
    const bool upper = letter >= 'A' && letter <= 'Z';
    if (upper && !snake.empty()) snake += '_';
    snake += upper ? static_cast<char>(letter - 'A' + 'a') : letter;
  }
  return snake;
}

std::string Referred(const google::protobuf::FieldDescriptor* field) {
  const std::string name = test::NameElsewhere(field);
  return name.starts_with("*") ? std::string(kLead) : name;
}

// The events that commands give the record type, such as `won`.
std::vector<std::string> CommandEvents(const google::protobuf::Descriptor& type) {
  std::vector<std::string> events;
  for (int i = 0; i < type.file()->service_count(); ++i) {
    const auto* service = type.file()->service(i);
    for (int j = 0; j < service->method_count(); ++j) {
      const std::string& event =
          service->method(j)->options().GetExtension(record::v1::command).event();
      if (!event.empty()) events.push_back(event.substr(event.find('.') + 1));
    }
  }
  return events;
}

// The event's topic is that of its root message.
void SetTopic(const google::protobuf::Descriptor& root, log::Envelope* envelope) {
  std::string service = root.file()->package();  // `crm.sales.v1`
  service = service.substr(4, service.rfind('.') - 4);
  envelope->set_source("/crm/" + service);
  const std::string& schema = envelope->dataschema();
  envelope->set_dataschema(schema.substr(0, schema.find('#') + 1) + root.full_name());
}

// Every field that a client may set, filled from the descriptor.
void AddFilled(Samples* samples, const google::protobuf::FieldDescriptor* of) {
  const google::protobuf::Descriptor& root = *of->containing_type();
  const google::protobuf::Descriptor& type = *of->message_type();
  const std::string collection = type.options().GetExtension(record::v1::record).collection();
  const std::string name = collection + "/" + test::IdOf(of->number());
  auto add = [&](const std::string& what, int etag) {
    std::unique_ptr<google::protobuf::Message> event(
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(&root)->New());
    google::protobuf::Message* record = event->GetReflection()->MutableMessage(event.get(), of);
    if (what != "deleted") {
      test::Fill(record, etag, Referred);
      record->GetReflection()->SetString(record, type.FindFieldByNumber(1), name);
      record->GetReflection()->SetString(record, type.FindFieldByNumber(2), std::to_string(etag));
      if (what.find("deletion_") != std::string::npos)
        test::FillField(record, type.FindFieldByName("delete_time"), etag, Referred);
      if (what.find("merge_") != std::string::npos)
        test::FillField(record, type.FindFieldByName("moving_time"), etag, Referred);
    } else {
      event->Clear();
    }
    const std::string of_type = type.file()->package() + "." + Snake(type.name()) + "." + what;
    SetTopic(root, &samples->Add(of_type, name, *event));
  };
  int etag = 0;
  for (const char* what :
       {"created", "updated", "deleted", "undeleted", "unlinked", "relinked", "reparented"}) {
    add(what, ++etag);
  }
  for (const std::string& what : CommandEvents(type)) add(what, ++etag);
  if (type.FindFieldByName("delete_time") == nullptr) return;
  for (const char* what :
       {"deletion_started", "deletion_continued", "undeletion_started", "undeletion_continued"}) {
    add(what, ++etag);
  }
  if (type.FindFieldByName("moving_time") == nullptr) return;
  for (const char* what :
       {"merge_continued", "merge_ended", "unmerge_continued", "unmerge_ended"}) {
    add(what, ++etag);
  }
}

}  // namespace

std::vector<SampleEvent> SampleEvents() {
  Samples samples;
  event::v1::Claim claim;
  claim.set_number(3);
  claim.set_id(0x00c0ffee00c0ffee);
  claim.set_log_id(0x123456789abcdef0);
  claim.set_lease_ms(3000);
  claim.set_partitions(4);
  claim.set_address("crm-1.example:7400");
  samples.AddOwn(log::kClaimType, log::ClaimValue(claim));
  samples.AddOwn(log::kAliveType, log::AliveValue());
  event::v1::Reached reached;
  reached.set_reactor("case-for-lead");
  reached.set_cause("service/3@1234");
  samples.AddOwn(log::kReachedType, log::ReachedValue(reached));
  samples.AddOwn(log::kReleasedType, log::ReleasedValue());
  AddLeads(&samples);
  AddChildren(&samples, "note", &Event::mutable_note, SampleNote);
  AddChildren(&samples, "task", &Event::mutable_task, SampleTask);
  Event canceled;
  *canceled.mutable_task() = SampleTask(5);
  canceled.mutable_task()->set_state(activity::v1::Task::STATE_CANCELED);
  canceled.mutable_task()->set_status(activity::v1::Task::STATUS_CANCELED);
  samples.Add("crm.activity.v1.task.canceled", canceled.task().name(), canceled)
      .set_changed("state,status");
  for (const auto* root : {Event::descriptor(), identity::v1::Event::descriptor()}) {
    for (int i = 0; i < root->field_count(); ++i) {
      if (root->field(i)->message_type()->options().HasExtension(record::v1::record))
        AddFilled(&samples, root->field(i));
    }
  }
  return std::move(samples).Take();
}

}  // namespace crm::golden
