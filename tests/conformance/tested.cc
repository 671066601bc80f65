#include "tests/conformance/tested.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "crm/record/v1/verification.pb.h"
#include "google/protobuf/field_mask.pb.h"

namespace crm::test {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::UnknownFieldSet;

// Numbers of the fields of every create and update request.
enum : int {
  kRecord = 1,
  kId = 2,
  kMask = 2,
  kRequestId = 3,
  kValidateOnly = 4,
  kAllowMissing = 5
};

void AddText(int number, const std::string& text, UnknownFieldSet* set) {
  if (!text.empty()) set->AddLengthDelimited(number, text);
}

std::string Bytes(const UnknownFieldSet& set) {
  std::string bytes;
  EXPECT_TRUE(set.SerializeToString(&bytes));
  return bytes;
}

std::string BatchBytes(const std::vector<std::string>& items, const std::string& request_id) {
  UnknownFieldSet set;
  for (const std::string& item : items) set.AddLengthDelimited(1, item);
  AddText(2, request_id, &set);
  return Bytes(set);
}

bool IsUnique(const RecordType& type, const std::string& field) {
  const auto& indexes = type.options.index();
  return std::any_of(indexes.begin(), indexes.end(), [&](const record::v1::Index& index) {
    return index.unique() &&
           std::find(index.by().begin(), index.by().end(), field) != index.by().end();
  });
}

}  // namespace

Tested::Tested(const Schema& schema, const RecordType& type, const std::string& tenant)
    : schema_(schema), type_(type), tenant_(tenant), client_(Server::Shared(), tenant) {}

Tested Tested::With(Client client) const {
  Tested other = *this;
  other.client_ = std::move(client);
  return other;
}

std::string Tested::NameFor(const FieldDescriptor* field) {
  const auto& to = AnnotationOf(field).reference().to();
  for (const RecordType& other : schema_.types()) {
    const bool any = std::find(to.begin(), to.end(), "*") != to.end() &&
                     (field->name() == "regarding" ? other.Carries(type_)
                                                   : other.collection != type_.collection);
    if (!any && std::find(to.begin(), to.end(), other.collection) == to.end()) continue;
    if (const auto used = used_.find(other.collection); used != used_.end()) return used->second;
    // Two fields never name the same record, and a unique one names another each time.
    std::string& name = referred_[field->full_name() + other.collection];
    if (name.empty() || IsUnique(type_, field->name())) {
      Tested parents(schema_, other, tenant_);
      parents.client_ = client_;
      parents.used_ = used_;
      parents.unique_ = 1000 + parents_;
      const RecordAnswer parent = parents.Create(*parents.Minimal(++parents_));
      EXPECT_TRUE(parent.ok()) << parent;
      name = parents.Name(parent.body);
    }
    return name;
  }
  return NameElsewhere(field);
}

bool Tested::HasUniqueField() const {
  const auto& indexes = type_.options.index();
  return std::any_of(indexes.begin(), indexes.end(),
                     [](const record::v1::Index& index) { return index.unique(); });
}

void Tested::MakeUnique(Message* record) {
  for (const record::v1::Index& index : type_.options.index()) {
    const FieldDescriptor* field = type_.message->FindFieldByName(index.by(0));
    if (!index.unique() || AnnotationOf(field).has_reference()) continue;
    FillField(record, field, ++unique_, NameElsewhere);
  }
}

Record Tested::Full(int seed) {
  Record record = type_.New();
  Fill(record.get(), seed, [this](const FieldDescriptor* field) { return NameFor(field); });
  MakeUnique(record.get());
  return record;
}

Record Tested::Minimal(int seed) {
  Record record = type_.New();
  FillRequired(record.get(), seed, [this](const FieldDescriptor* field) { return NameFor(field); });
  MakeUnique(record.get());
  return record;
}

RecordAnswer Tested::One(const std::string& path, const std::string& request) const {
  RecordAnswer answer;
  static_cast<Outcome&>(answer) = client_.CallBytes(path, request, &answer.body);
  return answer;
}

RecordsAnswer Tested::Many(const std::string& path, const std::string& request) const {
  RecordsAnswer answer;
  std::string body;
  static_cast<Outcome&>(answer) = client_.CallBytes(path, request, &body);
  const Fields fields(body);
  answer.records = fields.All(1);
  return answer;
}

std::string Tested::CreateBytes(const std::string& record, const Asked& asked) {
  UnknownFieldSet set;
  set.AddLengthDelimited(kRecord, record);
  AddText(kId, asked.id, &set);
  AddText(kRequestId, asked.request_id, &set);
  if (asked.validate_only) set.AddVarint(kValidateOnly, 1);
  return Bytes(set);
}

std::string Tested::UpdateBytes(const std::string& record, const Asked& asked) {
  UnknownFieldSet set;
  set.AddLengthDelimited(kRecord, record);
  google::protobuf::FieldMask mask;
  for (const std::string& path : asked.mask) mask.add_paths(path);
  AddText(kMask, mask.SerializeAsString(), &set);
  AddText(kRequestId, asked.request_id, &set);
  if (asked.validate_only) set.AddVarint(kValidateOnly, 1);
  if (asked.allow_missing) set.AddVarint(kAllowMissing, 1);
  return Bytes(set);
}

RecordAnswer Tested::Create(const Message& record, const Asked& asked) const {
  return One(type_.PathOf("Create"), CreateBytes(record.SerializeAsString(), asked));
}

RecordAnswer Tested::Update(const Message& record, const Asked& asked) const {
  return One(type_.PathOf("Update"), UpdateBytes(record.SerializeAsString(), asked));
}

RecordAnswer Tested::Get(const std::string& name) const {
  record::v1::GetRequest request;
  request.set_name(name);
  return Get(request);
}

RecordAnswer Tested::Get(const record::v1::GetRequest& request) const {
  return One(type_.PathOf("Get"), request.SerializeAsString());
}

RecordsAnswer Tested::List(const record::v1::ListRequest& request) const {
  RecordsAnswer answer;
  std::string body;
  static_cast<Outcome&>(answer) =
      client_.CallBytes(type_.PathOfMany("List"), request.SerializeAsString(), &body);
  const Fields fields(body);
  answer.records = fields.All(1);
  answer.next_page_token = fields.Text(2);
  answer.total_size = fields.Integer(3);
  answer.position_read = fields.Text(4);
  return answer;
}

std::vector<std::string> Tested::ListAll(const std::string& filter, const std::string& order,
                                         const google::protobuf::Timestamp* read_time) const {
  record::v1::ListRequest request;
  request.set_filter(filter);
  request.set_order_by(order);
  request.set_page_size(1000);
  if (read_time != nullptr) *request.mutable_read_time() = *read_time;
  const RecordsAnswer answer = List(request);
  EXPECT_TRUE(answer.ok()) << "filter " << filter << ", order " << order << ": " << answer;
  EXPECT_EQ(answer.next_page_token, "");
  return answer.records;
}

Answer<record::v1::DeleteResponse> Tested::Delete(const record::v1::DeleteRequest& request) const {
  return client_.Call<record::v1::DeleteResponse>(type_.PathOf("Delete"), request);
}

Answer<record::v1::DeleteResponse> Tested::Delete(const std::string& name) const {
  record::v1::DeleteRequest request;
  request.set_name(name);
  return Delete(request);
}

Answer<record::v1::PreviewDeleteResponse> Tested::PreviewDelete(const std::string& name) const {
  record::v1::PreviewDeleteRequest request;
  request.set_name(name);
  return client_.Call<record::v1::PreviewDeleteResponse>(type_.PathOf("PreviewDelete"), request);
}

RecordAnswer Tested::Undelete(const record::v1::NameRequest& request) const {
  return One(type_.PathOf("Undelete"), request.SerializeAsString());
}

RecordAnswer Tested::Undelete(const std::string& name) const {
  record::v1::NameRequest request;
  request.set_name(name);
  return Undelete(request);
}

RecordsAnswer Tested::BatchGet(const record::v1::BatchGetRequest& request) const {
  return Many(type_.PathOfMany("BatchGet"), request.SerializeAsString());
}

RecordsAnswer Tested::BatchCreate(const std::vector<std::string>& items,
                                  const std::string& request_id) const {
  return Many(type_.PathOfMany("BatchCreate"), BatchBytes(items, request_id));
}

RecordsAnswer Tested::BatchUpdate(const std::vector<std::string>& items,
                                  const std::string& request_id) const {
  return Many(type_.PathOfMany("BatchUpdate"), BatchBytes(items, request_id));
}

Answer<record::v1::HistoryResponse> Tested::History(
    const record::v1::HistoryRequest& request) const {
  return client_.Call<record::v1::HistoryResponse>(type_.PathOf("List") + "History", request);
}

std::vector<record::v1::Change> Tested::History(const std::string& name) const {
  record::v1::HistoryRequest request;
  request.set_name(name);
  request.set_page_size(1000);
  const auto answer = History(request);
  EXPECT_TRUE(answer.ok()) << answer;
  return {answer.body.changes().begin(), answer.body.changes().end()};
}

std::unique_ptr<Stream> Tested::Watch(const record::v1::WatchRequest& request) const {
  return client_.Open(type_.PathOfMany("Watch"), request);
}

std::map<std::string, std::string> Tested::Hashes() const {
  const auto answer = client_.With({{"crm-service", type_.Service()}})
                          .Call<record::v1::VerifyResponse>("/crm.record.v1.Verification/Verify",
                                                            record::v1::VerifyRequest());
  EXPECT_TRUE(answer.ok()) << answer;
  // Records that are referred to are created on the way.
  std::map<std::string, std::string> hashes;
  for (const auto& [of, hash] : answer.body.hashes()) {
    if (of.starts_with(type_.collection + "/")) hashes[of] = hash;
  }
  return hashes;
}

std::string Tested::Text(const std::string& record, int number) const {
  return Fields(record).Text(number);
}

const FieldDescriptor* Tested::FreeText() const {
  for (int i = 0; i < type_.message->field_count(); ++i) {
    const FieldDescriptor* field = type_.message->field(i);
    const auto& annotation = AnnotationOf(field);
    if (field->type() == FieldDescriptor::TYPE_STRING && !field->is_repeated() &&
        IsSettable(field) && !IsRequired(field) && !IsImmutable(field) &&
        !annotation.has_reference() && annotation.format() == record::v1::TEXT)
      return field;
  }
  return nullptr;
}

std::string TenantFor(const std::string& what, const RecordType& type) {
  std::string tenant = what + "-" + type.collection;
  std::replace(tenant.begin(), tenant.end(), '_', '-');
  return tenant;
}

void ForEachType(const std::string& what, const std::function<void(Tested&)>& check) {
  for (const RecordType& type : Schema::Shared().types()) {
    SCOPED_TRACE(type.collection);
    Tested tested(Schema::Shared(), type, TenantFor(what, type));
    tested.Full(1);  // what it refers to is there before anything is counted
    check(tested);
  }
}

void SetText(Message* record, const std::string& name, const std::string& text) {
  const FieldDescriptor* field = record->GetDescriptor()->FindFieldByName(name);
  if (!field->is_repeated()) return record->GetReflection()->SetString(record, field, text);
  record->GetReflection()->ClearField(record, field);
  record->GetReflection()->AddString(record, field, text);
}

google::protobuf::Timestamp TimeIn(const Message& record, const std::string& field) {
  google::protobuf::Timestamp time;
  const FieldDescriptor* described = record.GetDescriptor()->FindFieldByName(field);
  time.ParseFromString(record.GetReflection()->GetMessage(record, described).SerializeAsString());
  return time;
}

}  // namespace crm::test
