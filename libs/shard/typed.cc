#include "libs/record/check.h"
#include "libs/record/image.h"
#include "libs/record/key.h"
#include "libs/record/validate.h"
#include "libs/shard/standard.h"
#include "libs/shard/transaction.h"

// What behaviours see of a transaction: records as messages, by name.
namespace crm::shard {
std::string FillIn(const std::string& text, const record::RecordType* type,
                   std::string_view image) {
  std::string filled;
  auto spans = record::Spans::Read(image);
  for (size_t at = 0; at < text.size();) {
    const size_t open = text.find('{', at);
    const size_t close = open == std::string::npos ? open : text.find('}', open);
    if (close == std::string::npos || type == nullptr || !spans) return filled + text.substr(at);
    filled += text.substr(at, open - at);
    const record::Field* field = type->Find(text.substr(open + 1, close - open - 1));
    if (field != nullptr) filled += spans->Text(field->number);
    at = close + 1;
  }
  return filled;
}

const record::RecordType& Transaction::TypeOf(const std::string& message) const {
  const record::RecordType* type = context_.catalogue.FindTypeByMessage(message);
  CRM_CHECK(type != nullptr);
  return *type;
}

record::Status Transaction::FindNamed(const record::RecordType& type, std::string_view name,
                                      std::string_view etag, std::string* image) const {
  auto parsed = record::Name::Parse(name);
  if (!parsed || parsed->collection != type.collection) {
    return record::InvalidArgument(
        {{"name", "BAD_REFERENCE", "The name must be one of " + type.collection + "."}});
  }
  std::optional<std::string> found = Find(type, parsed->id);
  if (!found || found->empty()) return record::NotFound(name);
  *image = std::move(*found);
  return CheckEtag(std::string(etag), *image, std::string(name));
}

std::string Transaction::Load(std::string_view name, const std::string& message,
                              std::string_view etag, std::optional<Refusal>* refusal) const {
  std::string image;
  record::Status status = FindNamed(TypeOf(message), name, etag, &image);
  if (status.code() != record::kOk) refusal->emplace(std::move(status));
  return image;
}

std::optional<Refusal> Transaction::PutBytes(const std::string& message, const std::string& bytes,
                                             Event event) {
  const record::RecordType& type = TypeOf(message);
  auto normal = record::Normalise(*type.message, bytes);
  CRM_CHECK(normal);
  auto name = record::Name::Parse(record::TextIn(*normal, record::kName));
  std::optional<std::string> before;
  if (name) before = Find(type, name->id);
  const bool existing = before && !before->empty();
  const record::Uuid id = name ? name->id : NewRecordId(type);
  std::string after = existing ? *normal : WithDefaults(type, *normal, *this);
  // Of a record that the command makes beside the named one, its fields are told as its own.
  const std::string prefix = existing ? "" : type.singular + ".";
  record::Status status = Derive(type, existing ? *before : "", prefix, *this, &after);
  if (status.code() != record::kOk) return Refusal(std::move(status));
  if (existing && after == *before) return std::nullopt;

  // What goes into a new record may come from another one, whose fields have other limits. One that
  // is there may have been written before there was a limit.
  std::vector<record::Violation> violations;
  if (!existing) violations = record::Validate(*type.message, after, prefix);
  CheckState(type, after, prefix, &violations);
  CheckReferences(type, existing ? *before : "", after, prefix, *this, &violations);
  CheckCircles(type, id, existing ? *before : "", after, prefix, *this, &violations);
  if (!violations.empty()) return Refusal(record::InvalidArgument(violations));
  std::string what(EventName(event));
  if (event == Event::kOfCommand) {
    const std::string& declared =
        command_.method ? command_.method->command.event() : command_.event;
    what = declared.substr(declared.rfind('.') + 1);
  }
  const uint64_t etag = existing ? EtagOf(*before) + 1 : 1;
  status = Stage(type, id, existing ? *before : "", std::move(after), what, etag);
  if (status.code() != record::kOk) return Refusal(std::move(status));
  return std::nullopt;
}

std::vector<std::string> Transaction::ImagesBy(const std::string& message, std::string_view index,
                                               const std::vector<std::string>& values) const {
  const record::RecordType& type = TypeOf(message);
  const record::Index* found = type.FindIndex(index);
  CRM_CHECK(found != nullptr && found->followed && found->by.size() == values.size());
  std::string key;
  for (size_t i = 0; i < values.size(); ++i) {
    auto value = record::EncodeValue(*found->by[i].back(), values[i]);
    if (!value) return {};
    key += *value;
  }
  std::vector<std::string> images;
  for (const record::Uuid& id : FindByIndex(type, *found, key)) {
    if (auto image = Find(type, id); image && !image->empty()) images.push_back(std::move(*image));
  }
  return images;
}

std::vector<std::string> Transaction::ReferringImages(const std::string& message,
                                                      std::string_view field,
                                                      std::string_view name) const {
  const record::RecordType& type = TypeOf(message);
  const record::Field* reference = type.Find(field);
  CRM_CHECK(reference != nullptr);
  std::vector<std::string> images;
  for (const record::Index& index : type.indexes) {
    if (index.by.front().front() != reference || index.by.front().size() != 1) continue;
    for (const record::Uuid& id :
         FindByIndex(type, index, *record::EncodeValue(*reference, name))) {
      if (auto image = Find(type, id); image && !image->empty())
        images.push_back(std::move(*image));
    }
    break;
  }
  return images;
}

record::Status Transaction::StatusOf(const Refusal& refusal) const {
  if (refusal.status.code() != record::kOk) return refusal.status;
  const record::v1::Refusal* declared = context_.catalogue.FindRefusal(refusal.reason);
  CRM_CHECK(declared != nullptr);
  const record::RecordType* type =
      refusal.collection.empty() ? nullptr : context_.catalogue.FindType(refusal.collection);
  const std::string text = FillIn(declared->text(), type, refusal.image);
  if (!refusal.field.empty() && declared->code() == record::kInvalidArgument) {
    return record::InvalidArgument({{refusal.field, refusal.reason, text}});
  }
  record::Status status = record::MakeStatus(static_cast<record::Code>(declared->code()),
                                             refusal.reason, text, refusal.metadata);
  for (const google::protobuf::Any& detail : refusal.details) *status.add_details() = detail;
  return status;
}

}  // namespace crm::shard
