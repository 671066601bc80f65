#include <algorithm>

#include "crm/record/v1/methods.pb.h"
#include "libs/record/image.h"
#include "libs/record/name.h"
#include "libs/shard/standard.h"

namespace crm::shard {
namespace {

std::string OptionName(const record::RecordType& type, uint32_t field, int number) {
  const record::OptionValue* value = type.message->Find(field)->options->Find(number);
  return value == nullptr ? "" : value->name;
}

// The number of the status that the request names, or that the transition or the state gives.
int StatusOf(const record::RecordType& type, const record::v1::Transition& way,
             std::string_view wanted, int state) {
  const std::string_view name = wanted.empty() ? std::string_view(way.status()) : wanted;
  if (name.empty()) return type.DefaultStatus(state);
  const record::OptionValue* value = type.message->Find(record::kStatus)->options->Find(name);
  return value == nullptr || value->option.of_state() != state ? 0 : value->number;
}

int StateAfter(const record::RecordType& type, const record::v1::Transition& way) {
  return type.message->Find(record::kState)->options->Find(way.to())->number;
}

}  // namespace

std::optional<record::Violation> CheckNamedStatus(const record::RecordType& type,
                                                  const record::v1::Transition& way,
                                                  std::string_view wanted) {
  if (StatusOf(type, way, wanted, StateAfter(type, way)) != 0) return std::nullopt;
  return record::Violation{"status", "UNKNOWN_OPTION",
                           std::string(wanted) + " is no status of " + way.to() + "."};
}

record::Status RunTransition(const Command& command, Transaction& tx, std::string* response) {
  const record::RecordType& type = *command.method->type;
  const record::v1::Transition& way = command.method->command.transition();
  record::v1::TransitionRequest request;
  request.ParseFromString(command.request);
  auto name = record::Name::Parse(request.name());
  if (!name || name->collection != type.collection) {
    return record::InvalidArgument(
        {{"name", "BAD_REFERENCE", "The name must be one of " + type.collection + "."}});
  }
  std::optional<std::string> before = tx.Find(type, name->id);
  if (!before || before->empty()) return record::NotFound(request.name());
  record::Status checked = CheckEtag(request.etag(), *before, request.name());
  if (checked.code() != record::kOk) return checked;

  auto spans = record::Spans::Read(*before);
  const std::string state =
      OptionName(type, record::kState, static_cast<int>(spans->Integer(record::kState)));
  if (std::find(way.from().begin(), way.from().end(), state) == way.from().end()) {
    return record::MakeStatus(record::kFailedPrecondition, "INVALID_TRANSITION",
                              command.method->name + " is not for a record in " + state + ".",
                              {{"name", request.name()}, {"state", state}});
  }
  if (auto wrong = CheckNamedStatus(type, way, request.status()))
    return record::InvalidArgument({*std::move(wrong)});
  const int to = StateAfter(type, way);
  const int status = StatusOf(type, way, request.status(), to);
  record::ImageEdit edit(*before);
  edit.SetInteger(record::kState, static_cast<uint64_t>(to));
  edit.SetInteger(record::kStatus, static_cast<uint64_t>(status));
  std::string after = edit.Build();
  checked = Derive(type, *before, "", tx, &after);
  if (checked.code() != record::kOk) return checked;
  const std::string& event = command.method->command.event();
  const uint64_t etag = EtagOf(*before) + (after == *before ? 0 : 1);
  if (after != *before) {
    checked = tx.Stage(type, name->id, *before, std::move(after),
                       event.substr(event.rfind('.') + 1), etag);
    if (checked.code() != record::kOk) return checked;
  }
  record::v1::TransitionResponse answer;
  answer.set_name(request.name());
  answer.set_etag(std::to_string(etag));
  answer.set_previous_state(state);
  answer.set_previous_status(
      OptionName(type, record::kStatus, static_cast<int>(spans->Integer(record::kStatus))));
  *response = answer.SerializeAsString();
  return {};
}

}  // namespace crm::shard
