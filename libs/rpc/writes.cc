#include "libs/rpc/writes.h"

#include <algorithm>
#include <charconv>

#include "google/protobuf/field_mask.pb.h"
#include "libs/access/denial.h"
#include "libs/record/image.h"
#include "libs/record/name.h"
#include "libs/record/sha256.h"
#include "libs/record/spans.h"
#include "libs/record/validate.h"
#include "libs/record/wire.h"
#include "libs/rpc/caller.h"
#include "libs/rpc/sight.h"
#include "libs/shard/standard.h"

namespace crm::rpc {
namespace {

using record::MethodKind;

// Numbers of the standard requests' fields (tools/new_record writes them).
constexpr uint32_t kItemRecord = 1, kItemId = 2, kItemRequestId = 3, kItemValidateOnly = 4,
                   kItemAllowMissing = 5;
constexpr uint32_t kItemMask = 2;
constexpr uint32_t kDeleteEtag = 2, kDeleteForce = 5;
constexpr uint32_t kBatchRequests = 1, kBatchRequestId = 2;
constexpr size_t kLongestRequestId = 128;

// What is read out of a request while its faults are gathered.
struct Reading {
  const Route& route;
  const record::Catalogue& catalogue;
  std::vector<record::Violation> violations;
};

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

std::string InCapitals(std::string text) {
  for (char& letter : text) {
    if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
  }
  return text;
}

void Append(std::vector<record::Violation> found, Reading& reading) {
  for (auto& violation : found) reading.violations.push_back(std::move(violation));
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

// One create or update, alone or inside a batch (`prefix` is then `requests[3].`).
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
      Append(record::Validate(*type.message, write.image, write.prefix), reading);
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
  Append(write.allow_missing ? record::Validate(*type.message, write.image, write.prefix)
                             : record::ValidatePart(*type.message, write.image, write.prefix),
         reading);
  return write;
}

void ReadBatch(const record::Spans& spans, bool creates, int max_batch, Reading& reading,
               shard::Command* command) {
  const record::Field* requests = reading.route.method->request->Find(kBatchRequests);
  auto items = spans.All(kBatchRequests);
  if (items.empty() || items.size() > static_cast<size_t>(max_batch)) {
    reading.violations.push_back({"requests", "OUT_OF_RANGE",
                                  "A batch has 1 to " + std::to_string(max_batch) +
                                      " requests, not " + std::to_string(items.size()) + "."});
    return;
  }
  for (size_t i = 0; i < items.size(); ++i) {
    const std::string prefix = "requests[" + std::to_string(i) + "].";
    auto item = record::Spans::Read(items[i].payload);
    if (item->Has(kItemRequestId)) {
      reading.violations.push_back(
          {prefix + "request_id", "INVALID_VALUE", "The request id is the whole batch's."});
    }
    if (item->Has(kItemValidateOnly)) {
      reading.violations.push_back({prefix + "validate_only", "INVALID_VALUE",
                                    "What is in a batch can not be only validated."});
    }
    command->writes.push_back(ReadItem(*requests->message, *item, creates, prefix, reading));
  }
}

void ReadNamed(const record::Spans& spans, Reading& reading, shard::Command* command) {
  Append(record::ValidateRequest(*reading.route.method->request, reading.route.request), reading);
  shard::Write write;
  auto target = ParseTarget(reading.catalogue, reading.route.type, spans.Text(1), "name",
                            &reading.violations);
  if (!target) return;
  write.type = target->type;
  write.id = target->id;
  write.chosen_id = true;
  if (command->method->kind != MethodKind::kPreviewDelete)
    write.etag = std::string(spans.Text(kDeleteEtag));
  if (command->method->kind == MethodKind::kDelete) write.force = spans.Integer(kDeleteForce) != 0;
  command->writes.push_back(std::move(write));
}

// The status that a request gives is of the state that the command leads to: the one that a
// transition says, or that has the event's name, as STATE_DISQUALIFIED has that of
// `lead.disqualified`. Behaviours have the last word: they refuse it for the same reason.
void CheckStatusAfter(const record::Method& method, const record::Spans& spans, Reading& reading) {
  const record::Field* given = method.request->Find("status");
  if (method.type == nullptr || given == nullptr || !spans.Has(given->number)) return;
  if (method.command.has_transition()) {
    if (auto wrong = shard::CheckNamedStatus(*method.type, method.command.transition(),
                                             spans.Text(given->number)))
      AddOnce(*std::move(wrong), &reading.violations);
    return;
  }
  const record::Field* state = method.type->message->Find(record::kState);
  if (state == nullptr || given->options == nullptr) return;
  const std::string& event = method.command.event();
  const auto* after =
      state->options->Find("STATE_" + InCapitals(event.substr(event.rfind('.') + 1)));
  const auto* status = given->options->Find(static_cast<int>(spans.Integer(given->number)));
  if (after == nullptr || status == nullptr || status->option.of_state() == after->number) return;
  AddOnce({"status", InCapitals(method.type->singular) + "_STATUS_NOT_OF_STATE",
           status->name + " is no status of " + after->name + "."},
          &reading.violations);
}

// A command of the trade. Of which type the record is that it names, the method says, unless the
// field does.
void ReadRequest(const record::Spans& spans, Reading& reading, shard::Command* command) {
  const record::MessageType& request = *command->method->request;
  Append(record::ValidateRequest(request, reading.route.request), reading);
  const record::Field* name = request.Find("name");
  if (name != nullptr && name->required && name->kind == record::Kind::kText) {
    (void)ParseTarget(reading.catalogue, command->method->type, spans.Text(name->number), "name",
                      &reading.violations);
  }
  CheckStatusAfter(*command->method, spans, reading);
  command->request = reading.route.request;
}

void ReadBody(const record::Spans& spans, int max_batch, Reading& reading,
              shard::Command* command) {
  const MethodKind kind = command->method->kind;
  switch (kind) {
    case MethodKind::kCreate:
    case MethodKind::kUpdate:
      command->writes.push_back(
          ReadItem(*command->method->request, spans, kind == MethodKind::kCreate, "", reading));
      break;
    case MethodKind::kBatchCreate:
    case MethodKind::kBatchUpdate:
      CheckKnownFields(*command->method->request, spans, "", &reading.violations);
      ReadBatch(spans, kind == MethodKind::kBatchCreate, max_batch, reading, command);
      break;
    case MethodKind::kCommand:
      ReadRequest(spans, reading, command);
      break;
    default:
      ReadNamed(spans, reading, command);
  }
}

// The request id and what a repetition must have in common with the first call.
void ReadRequestId(const record::Spans& spans, Reading& reading, shard::Command* command) {
  const MethodKind kind = command->method->kind;
  if (kind == MethodKind::kPreviewDelete) {
    command->validate_only = true;
    return;
  }
  const bool batch = kind == MethodKind::kBatchCreate || kind == MethodKind::kBatchUpdate;
  const uint32_t number = batch ? kBatchRequestId : kItemRequestId;
  command->request_id = std::string(spans.Text(number));
  command->validate_only = !batch && spans.Integer(kItemValidateOnly) != 0;
  if (command->request_id.empty()) return;
  const bool printable =
      std::all_of(command->request_id.begin(), command->request_id.end(),
                  [](unsigned char letter) { return letter > ' ' && letter < 127; });
  if (command->request_id.size() > kLongestRequestId || !printable) {
    reading.violations.push_back({"request_id", "INVALID_FORMAT",
                                  "A request id has at most 128 printable ASCII characters."});
    return;
  }
  const Route& route = reading.route;
  // Asking first what the request would do does not make another one of it.
  record::ImageEdit edit(route.request);
  edit.Clear(number);
  if (command->validate_only) edit.Clear(kItemValidateOnly);
  const std::string content = edit.Build();
  std::string text = command->method->path;
  for (std::string_view part :
       {std::string_view(route.principal.tenant), std::string_view(route.principal.user),
        std::string_view(content)}) {
    text.push_back('\0');
    text.append(part);
  }
  command->request_hash = record::Sha256::HexOf(text).substr(0, 32);
}

void ReadOutbox(const Call& call, Reading& reading, shard::Command* command) {
  const std::string_view text = Find(call.metadata, "crm-outbox");
  if (text.empty()) return;
  const size_t slash = text.rfind('/');
  const std::string_view digits = slash == std::string_view::npos ? "" : text.substr(slash + 1);
  auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), command->outbox_number);
  if (slash == 0 || slash > 128 || error != std::errc() || end != digits.data() + digits.size() ||
      command->outbox_number == 0) {
    reading.violations.push_back(
        {"crm-outbox", "INVALID_FORMAT", "It is a source, a slash and a number from 1."});
    return;
  }
  // A preview is never the numbered command itself.
  if (command->method->kind != MethodKind::kPreviewDelete)
    command->outbox_source = std::string(text.substr(0, slash));
}

std::string RecordOf(const Answering& answering, size_t item, const std::string& image) {
  const record::RecordType& type = *answering.types[item];
  const std::string shown = MaskWritten(answering.subject, type, image);
  return answering.generic ? AnyBytes(type, shown) : shown;
}

}  // namespace

record::Status ReadCommand(const Route& route, const Call& call, const record::Catalogue& catalogue,
                           const DispatcherOptions& options, shard::Command* command) {
  Reading reading{route, catalogue, {}};
  command->method = route.method;
  command->principal = route.principal;
  command->organization = route.organization;
  command->subject = route.subject;
  command->deadline = call.deadline;
  command->bytes = route.request.size();
  command->bulk = route.principal.client == "import";
  command->traceparent = std::string(Find(call.metadata, "traceparent").substr(0, 64));
  auto spans = record::Spans::Read(route.request);
  ReadBody(*spans, options.max_batch, reading, command);
  ReadRequestId(*spans, reading, command);
  ReadOutbox(call, reading, command);
  const std::string_view time = Find(call.metadata, "crm-event-time");
  auto [end, error] =
      std::from_chars(time.data(), time.data() + time.size(), command->event_time_us);
  if (!time.empty() &&
      (error != std::errc() || end != time.data() + time.size() || command->event_time_us <= 0)) {
    reading.violations.push_back(
        {"crm-event-time", "INVALID_FORMAT", "It is in microseconds since 1970-01-01 UTC."});
  }
  if (!reading.violations.empty()) return record::InvalidArgument(reading.violations);
  if (!time.empty() && route.subject != nullptr && !route.subject->administrator())
    return access::OnlyAdministrators("load history");
  return {};
}

Answering AnsweringOf(const Route& route, const shard::Command& command) {
  Answering answering{route.method, route.generic,      command.validate_only,
                      {},           route.organization, route.subject};
  for (const shard::Write& write : command.writes) answering.types.push_back(write.type);
  return answering;
}

std::string WriteResponse(const Answering& answering, const shard::Outcome& outcome,
                          const std::string& position) {
  std::string body;
  switch (answering.method->kind) {
    case MethodKind::kCreate:
    case MethodKind::kUpdate:
    case MethodKind::kUndelete:
      return outcome.images.empty() ? "" : RecordOf(answering, 0, outcome.images.front());
    case MethodKind::kBatchCreate:
    case MethodKind::kBatchUpdate:
      for (size_t i = 0; i < outcome.images.size(); ++i) {
        record::AppendBytesField(1, RecordOf(answering, i, outcome.images[i]), &body);
      }
      record::AppendBytesField(2, position, &body);
      return body;
    case MethodKind::kDelete:
      record::AppendBytesField(1, position, &body);
      return body + outcome.response;
    default:
      return outcome.response;
  }
}

}  // namespace crm::rpc
