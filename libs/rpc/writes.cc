#include "libs/rpc/writes.h"

#include <charconv>

#include "libs/access/denial.h"
#include "libs/record/name.h"
#include "libs/record/spans.h"
#include "libs/record/validate.h"
#include "libs/record/wire.h"
#include "libs/rpc/caller.h"
#include "libs/rpc/item.h"
#include "libs/rpc/repetition.h"
#include "libs/rpc/sight.h"
#include "libs/shard/standard.h"

namespace crm::rpc {
namespace {

using record::MethodKind;

// Numbers of the standard requests' fields (tools/new_record writes them).
constexpr uint32_t kDeleteEtag = 2, kDeleteForce = 5;
constexpr uint32_t kBatchRequests = 1;

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
  reading.Add(record::ValidateRequest(*reading.route.method->request, reading.route.request));
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

std::string InCapitals(std::string text) {
  for (char& letter : text) {
    if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
  }
  return text;
}

// The status that a request gives is of the state that the command leads to. Behaviours have the
// last word: they refuse it for the same reason.
void CheckStatusAfter(const record::Method& method, const record::Spans& spans, Reading& reading) {
  const record::Field* given = method.request->Find("status");
  if (method.leads_to == nullptr || given == nullptr || !spans.Has(given->number)) return;
  if (method.command.has_transition()) {
    const std::string_view wanted = spans.Text(given->number);
    if (shard::StatusAfter(method, wanted) == nullptr)
      AddOnce(shard::NoStatusAfter(method, wanted), &reading.violations);
    return;
  }
  const auto* status = given->options->Find(static_cast<int>(spans.Integer(given->number)));
  if (status == nullptr || status->option.of_state() == method.leads_to->number) return;
  AddOnce({"status", InCapitals(method.type->singular) + "_STATUS_NOT_OF_STATE",
           status->name + " is no status of " + method.leads_to->name + "."},
          &reading.violations);
}

// A command of the trade. Of which type the record is that it names, the method says, unless the
// field does.
void ReadRequest(const record::Spans& spans, Reading& reading, shard::Command* command) {
  const record::MessageType& request = *command->method->request;
  reading.Add(record::ValidateRequest(request, reading.route.request));
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
