#include <algorithm>

#include "crm/record/v1/methods.pb.h"
#include "libs/record/image.h"
#include "libs/record/name.h"
#include "libs/shard/standard.h"

namespace crm::shard {
namespace {

std::string OptionName(const record::RecordType& type, uint32_t field, std::string_view image) {
  const auto number = static_cast<int>(record::IntegerIn(image, field));
  const record::OptionValue* value = type.message->Find(field)->options->Find(number);
  return value == nullptr ? "" : value->name;
}

}  // namespace

const record::OptionValue* StatusAfter(const record::Method& method, std::string_view wanted) {
  const record::OptionSet& statuses = *method.type->message->Find(record::kStatus)->options;
  const std::string& declared = method.command.transition().status();
  const std::string_view name = wanted.empty() ? std::string_view(declared) : wanted;
  const record::OptionValue* status =
      name.empty() ? statuses.Find(method.type->DefaultStatus(method.leads_to->number))
                   : statuses.Find(name);
  const bool fits = status != nullptr && status->option.of_state() == method.leads_to->number;
  return fits ? status : nullptr;
}

record::Violation NoStatusAfter(const record::Method& method, std::string_view wanted) {
  return {"status", "UNKNOWN_OPTION",
          std::string(wanted) + " is no status of " + method.leads_to->name + "."};
}

record::Status RunTransition(const Command& command, Transaction& tx, std::string* response) {
  const record::Method& method = *command.method;
  const record::RecordType& type = *method.type;
  record::v1::TransitionRequest request;
  request.ParseFromString(command.request);
  std::string before;
  record::Status checked = tx.FindNamed(type, request.name(), request.etag(), &before);
  if (checked.code() != record::kOk) return checked;
  const std::string state = OptionName(type, record::kState, before);
  const auto& from = method.command.transition().from();
  if (std::find(from.begin(), from.end(), state) == from.end()) {
    return record::MakeStatus(record::kFailedPrecondition, "INVALID_TRANSITION",
                              method.name + " is not for a record in " + state + ".",
                              {{"name", request.name()}, {"state", state}});
  }
  const record::OptionValue* status = StatusAfter(method, request.status());
  if (status == nullptr) return record::InvalidArgument({NoStatusAfter(method, request.status())});
  record::ImageEdit edit(before);
  edit.SetInteger(record::kState, static_cast<uint64_t>(method.leads_to->number));
  edit.SetInteger(record::kStatus, static_cast<uint64_t>(status->number));
  std::string after = edit.Build();
  checked = Derive(type, before, "", tx, &after);
  if (checked.code() != record::kOk) return checked;
  const uint64_t etag = EtagOf(before) + (after == before ? 0 : 1);
  if (after != before) {
    const std::string& event = method.command.event();
    checked = tx.Stage(type, record::Name::Parse(request.name())->id, before, std::move(after),
                       event.substr(event.rfind('.') + 1), etag);
    if (checked.code() != record::kOk) return checked;
  }
  record::v1::TransitionResponse answer;
  answer.set_name(request.name());
  answer.set_etag(std::to_string(etag));
  answer.set_previous_state(state);
  answer.set_previous_status(OptionName(type, record::kStatus, before));
  *response = answer.SerializeAsString();
  return {};
}

}  // namespace crm::shard
