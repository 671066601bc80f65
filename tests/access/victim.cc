#include "tests/access/victim.h"

#include "crm/record/v1/verification.pb.h"

namespace crm::test {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Lets every text that can be anything say the canary.
void Sing(Message* record) {
  const auto* type = record->GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    const record::v1::Field& limits = AnnotationOf(field);
    const bool free = field->cpp_type() == FieldDescriptor::CPPTYPE_STRING &&
                      !field->is_repeated() && IsSettable(field) && !limits.has_reference() &&
                      limits.format() == record::v1::TEXT &&
                      (limits.max_length() == 0 || limits.max_length() > 20);
    if (!free || field->name() == "color") continue;
    const std::string before = record->GetReflection()->GetString(*record, field);
    record->GetReflection()->SetString(record, field, kCanary + before.substr(0, 4));
  }
}

}  // namespace

Victim::Victim(const std::string& tenant) : organization_(tenant), tenant_(tenant) {
  for (const RecordType& type : Schema::Shared().types()) Plant(type);
}

std::map<std::string, std::string> Victim::Hashes() const {
  const auto answer = administrator().Call<record::v1::VerifyResponse>(
      "/crm.record.v1.Verification/Verify", record::v1::VerifyRequest());
  EXPECT_TRUE(answer.ok()) << answer;
  return {answer.body.hashes().begin(), answer.body.hashes().end()};
}

void Victim::Plant(const RecordType& type) {
  // There is one tenant record, from the founding.
  if (type.collection == "tenants") return;
  Tested tested = Tested(Schema::Shared(), type, tenant_).With(administrator());
  tested.Use("business_units", organization_.root());
  for (int i = 0; i < 2; ++i) {
    Record record = tested.Minimal(7 + i);
    Sing(record.get());
    if (type.collection == "business_units") SetText(record.get(), "parent", organization_.root());
    if (type.collection == "access_team_templates") SetText(record.get(), "collection", "leads");
    Asked asked;
    asked.request_id = type.collection + std::to_string(i);
    const RecordAnswer made = tested.Create(*record, asked);
    ASSERT_TRUE(made.ok()) << type.collection << ": " << made;
    position_ = made.position();
    Note(type, tested, made.body);
  }
  record::v1::ListRequest request;
  request.set_page_size(1);
  page_tokens_[type.collection] = tested.List(request).next_page_token;
  EXPECT_NE(page_tokens_[type.collection], "");
  Watch(type, tested);
}

void Victim::Note(const RecordType& type, const Tested& tested, const std::string& record) {
  const std::string name = tested.Name(record);
  ids_.insert(name.substr(name.find('/') + 1));
  if (!names_.emplace(type.collection, name).second) return;
  etags_[type.collection] = tested.Etag(record);
  for (const record::v1::Index& index : type.options.index()) {
    const FieldDescriptor* field = type.message->FindFieldByName(index.by(0));
    if (field == nullptr || field->cpp_type() != FieldDescriptor::CPPTYPE_STRING) continue;
    const std::string value = tested.Text(record, field->number());
    if (value.empty()) continue;
    filters_[type.collection] = field->name() + " = \"" + value + "\"";
    return;
  }
}

void Victim::Watch(const RecordType& type, const Tested& tested) {
  record::v1::WatchRequest request;
  request.set_initial_state(true);
  request.set_until_now(true);
  auto stream = tested.Watch(request);
  const auto* method = type.service->FindMethodByName("Watch" + type.many);
  Record change = Schema::Shared().New(method->output_type());
  while (stream->Next(change.get())) {
    // A change is in its first field, and begins with its position.
    watched_[type.collection] = Fields(Fields(change->SerializeAsString()).Text(1)).Text(1);
  }
  EXPECT_NE(watched_[type.collection], "") << stream->Finish();
}

}  // namespace crm::test
