#include "libs/rpc/item.h"

#include "google/protobuf/field_mask.pb.h"
#include "libs/record/image.h"
#include "libs/record/name.h"
#include "libs/record/spans.h"
#include "libs/record/validate.h"
#include "libs/rpc/caller.h"
#include "libs/shard/standard.h"

namespace crm::rpc {
namespace {

constexpr uint32_t kItemRecord = 1, kItemId = 2, kItemMask = 2, kItemAllowMissing = 5;

// The record inside a request, and its type when it travels as Any.
std::string_view RecordBytes(const record::Span* span, Reading& reading, const std::string& path,
                             const record::RecordType** type, std::string* unpacked) {
  if (span == nullptr) {
    reading.violations.push_back({path, "REQUIRED_FIELD", path + " must be given."});
    return {};
  }
  if (!reading.route.generic) return span->payload;
  auto any = record::Spans::Read(span->payload);
  const std::string_view url = any ? any->Text(1) : "";
  *type = reading.catalogue.FindTypeByMessage(url.substr(url.rfind('/') + 1));
  if (*type != nullptr && (*type)->annotation.internal()) *type = nullptr;
  if (*type == nullptr) {
    reading.violations.push_back(
        {path + ".type_url", "UNKNOWN_TYPE", "'" + std::string(url) + "' is no record type."});
    return {};
  }
  auto normal = record::Normalise(*(*type)->message, any->Text(2));
  if (!normal) {
    reading.violations.push_back({path + ".value", "MALFORMED_REQUEST", normal.error().text});
    *type = nullptr;
    return {};
  }
  *unpacked = std::move(*normal);
  return *unpacked;
}

// Output-only fields are ignored, as AIP-203 asks.
std::string WithoutIgnored(const record::RecordType& type, std::string_view image,
                           const record::Spans& spans) {
  record::ImageEdit edit(image);
  for (const record::Field* field : type.ignored) {
    if (spans.Has(field->number)) edit.Clear(field->number);
  }
  return edit.Build();
}

std::string RecordField(const Route& route) {
  return route.generic ? "record" : route.type->singular;
}

void ReadChosenId(std::string_view text, const std::string& path, Reading& reading,
                  shard::Write* write) {
  write->id_path = path;
  if (text.empty()) return;
  auto id = record::Uuid::Parse(text);
  if (!id || id->Text() != text) {
    reading.violations.push_back({path, "INVALID_FORMAT", "An id is a UUID in lower case."});
    return;
  }
  write->id = *id;
  write->chosen_id = true;
}

void ReadMask(const record::Span* span, const record::RecordType& type, const std::string& path,
              Reading& reading, shard::Write* write) {
  google::protobuf::FieldMask mask;
  if (span != nullptr)
    mask.ParseFromArray(span->payload.data(), static_cast<int>(span->payload.size()));
  std::vector<std::string> paths;
  for (const std::string& wanted : mask.paths()) {
    if (wanted == "*") {
      for (const record::Field& field : type.message->fields) {
        if (!field.output_only && !field.identifier) paths.push_back(field.name);
      }
      continue;
    }
    const record::Field* field = type.message->Find(wanted.substr(0, wanted.find('.')));
    if (field == nullptr || !(field->output_only || field->identifier)) paths.push_back(wanted);
  }
  write->mask = mask.paths().empty()
                    ? record::Mask::OfImage(*type.message, write->image)
                    : record::Mask::Compile(*type.message, paths, path, &reading.violations);
}

// A new record's status is one of the state that it begins with.
void CheckNewStatus(const record::RecordType& type, std::string_view image,
                    const std::string& prefix, Reading& reading) {
  const record::Field* state = type.message->Find(record::kState);
  auto spans = record::Spans::Read(image);
  if (state == nullptr || spans->Integer(record::kStatus) == 0) return;
  record::ImageEdit edit(image);
  if (!spans->Has(record::kState))
    edit.SetInteger(record::kState, static_cast<uint64_t>(state->options->default_number));
  std::vector<record::Violation> found;
  shard::CheckState(type, edit.Build(), prefix, &found);
  for (auto& violation : found) AddOnce(std::move(violation), &reading.violations);
}

}  // namespace

shard::Write ReadItem(const record::MessageType& message, const record::Spans& item, bool creates,
                      const std::string& prefix, Reading& reading) {
  shard::Write write;
  CheckKnownFields(message, item, prefix, &reading.violations);
  const std::string path = prefix + RecordField(reading.route);
  std::string unpacked;
  write.type = reading.route.type;
  std::string_view bytes =
      RecordBytes(item.Find(kItemRecord), reading, path, &write.type, &unpacked);
  if (creates) ReadChosenId(item.Text(kItemId), path + "_id", reading, &write);
  if (write.type == nullptr) return write;
  write.prefix = path + ".";
  const record::RecordType& type = *write.type;
  auto spans = record::Spans::Read(bytes);
  write.image = WithoutIgnored(type, bytes, *spans);
  if (creates) {
    if (item.Has(kItemRecord)) {
      reading.Add(record::Validate(*type.message, write.image, write.prefix));
      // Most new records leave their status open.
      if (spans->Integer(record::kStatus) != 0)
        CheckNewStatus(type, write.image, write.prefix, reading);
    }
    return write;
  }
  auto target = ParseTarget(reading.catalogue, &type, spans->Text(record::kName),
                            write.prefix + "name", &reading.violations);
  if (target) write.id = target->id;
  write.chosen_id = true;
  write.etag = std::string(spans->Text(record::kEtag));
  write.allow_missing = item.Integer(kItemAllowMissing) != 0;
  ReadMask(item.Find(kItemMask), type, prefix + "update_mask", reading, &write);
  reading.Add(write.allow_missing ? record::Validate(*type.message, write.image, write.prefix)
                                  : record::ValidatePart(*type.message, write.image, write.prefix));
  return write;
}

}  // namespace crm::rpc
