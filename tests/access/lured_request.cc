#include "tests/access/lured_request.h"

#include "google/protobuf/any.pb.h"

namespace crm::test {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

}  // namespace

Record LuredRequest::For(const google::protobuf::MethodDescriptor* method) const {
  Record request = Schema::Shared().New(method->input_type());
  FillAll(request.get(), 0);
  return request;
}

void LuredRequest::FillAll(Message* message, int depth) const {
  const auto* type = message->GetDescriptor();
  if (type->full_name() == "google.protobuf.Any") return FillAny(message);
  if (type->full_name().starts_with("google.") || depth > 3) return;
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (!field->is_map()) FillOne(message, field, depth);
  }
}

void LuredRequest::FillOne(Message* message, const FieldDescriptor* field, int depth) const {
  const auto* reflection = message->GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string text = TextFor(field);
      if (text.empty()) return;
      if (field->is_repeated()) {
        reflection->AddString(message, field, text);
      } else {
        reflection->SetString(message, field, text);
      }
      return;
    }
    case FieldDescriptor::CPPTYPE_ENUM: {
      const int value = field->enum_type()->value(1)->number();
      if (field->is_repeated()) {
        reflection->AddEnumValue(message, field, value);
      } else {
        reflection->SetEnumValue(message, field, value);
      }
      return;
    }
    case FieldDescriptor::CPPTYPE_BOOL:
      // Counts and rights tell, too.
      if (field->name() == "with_total_size" || field->name() == "with_permissions")
        reflection->SetBool(message, field, true);
      return;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return FillAll(field->is_repeated() ? reflection->AddMessage(message, field)
                                          : reflection->MutableMessage(message, field),
                     depth + 1);
    default:
      return;
  }
}

const std::string* LuredRequest::TokenFor(const std::string& name, std::string* text) const {
  text->clear();
  if (name == "page_token") {
    if (lure_ == Lure::kPageTokens) *text = victim_.PageToken(collection_);
  } else if (name == "etag") {
    if (lure_ == Lure::kEtags) *text = victim_.EtagOf(collection_);
  } else if (name == "filter") {
    if (lure_ == Lure::kFilters) *text = victim_.FilterOf(collection_);
  } else if (name == "position" || name == "min_position") {
    if (lure_ == Lure::kPositions) *text = victim_.position();
    if (lure_ == Lure::kWatchPositions) *text = victim_.WatchPosition(collection_);
  } else if (name == "request_id") {
    if (lure_ == Lure::kPositions) *text = victim_.request_id();
  } else if (name != "order_by" && name != "view" && name != "status") {
    return nullptr;
  }
  return text;
}

std::string LuredRequest::TextFor(const FieldDescriptor* field) const {
  const std::string& name = field->name();
  // Watches have no filter yet.
  if (name == "filter" && field->containing_type()->name() == "WatchRequest") return "";
  std::string token;
  if (TokenFor(name, &token) != nullptr) return token;
  if (name == "name" || name == "names") return victim_.NameOf(collection_);
  if (name == "collection") return collection_;
  if (name == "user" || name == "owner" || name == "principal") return victim_.NameOf("users");
  if (name == "template") return victim_.NameOf("access_team_templates");
  if (name == "service") return "sales";
  if (name.ends_with("_id")) {
    const std::string record = victim_.NameOf(collection_);
    return record.substr(record.find('/') + 1);
  }
  for (const std::string& to : AnnotationOf(field).reference().to()) {
    const std::string record = victim_.NameOf(to == "*" ? "accounts" : to);
    if (!record.empty()) return record;
  }
  return IsOutputOnly(field) ? "" : "x";
}

void LuredRequest::FillAny(Message* message) const {
  const RecordType* type = Schema::Shared().Find(collection_);
  if (type == nullptr) return;
  Record record = type->New();
  record->GetReflection()->SetString(record.get(), type->message->FindFieldByName("name"),
                                     victim_.NameOf(collection_));
  google::protobuf::Any any;
  any.set_type_url("type.googleapis.com/" + type->message->full_name());
  any.set_value(record->SerializeAsString());
  ASSERT_TRUE(message->ParseFromString(any.SerializeAsString()));
}

}  // namespace crm::test
