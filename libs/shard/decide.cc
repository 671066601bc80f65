#include "libs/shard/decide.h"

#include "libs/record/check.h"
#include "libs/record/name.h"
#include "libs/record/spans.h"
#include "libs/shard/authorise.h"
#include "libs/shard/behaviour.h"
#include "libs/shard/moving.h"
#include "libs/shard/standard.h"

namespace crm::shard {
namespace {

using record::MethodKind;

// An id that exists is told for every item of a batch at once, so that an import can leave those
// rows out and send the rest.
class TakenIds {
 public:
  bool Note(const record::Status& status, const Write& write) {
    if (record::ReasonOf(status) != "ID") return false;
    violations_.push_back(
        {write.id_path, "ID",
         write.type->collection + "/" + write.id.Text() + " exists, or has existed."});
    first_ = first_.code() == record::kOk ? status : first_;
    return true;
  }
  bool any() const { return !violations_.empty(); }
  record::Status status() const {
    record::Status status = first_;
    record::Status listed = record::InvalidArgument(violations_);
    for (const auto& detail : listed.details()) {
      if (detail.type_url().ends_with("BadRequest")) *status.add_details() = detail;
    }
    return status;
  }

 private:
  std::vector<record::Violation> violations_;
  record::Status first_;
};

record::Status DecideWrite(MethodKind kind, const Write& write, Transaction& tx, Outcome* outcome) {
  std::string image;
  record::Status status;
  switch (kind) {
    case MethodKind::kCreate:
    case MethodKind::kBatchCreate:
      status = Create(write, tx, &image);
      break;
    case MethodKind::kUpdate:
    case MethodKind::kBatchUpdate:
      status = Update(write, tx, &image);
      break;
    case MethodKind::kUndelete:
      status = Undelete(write, tx, &image);
      break;
    case MethodKind::kDelete:
      return Delete(write, tx, &outcome->response);
    case MethodKind::kPreviewDelete:
      return PreviewDelete(write, tx, &outcome->response);
    default:
      CRM_CHECK(false);
  }
  if (status.code() == record::kOk) outcome->images.push_back(std::move(image));
  return status;
}

record::Status DecideCommand(const Command& command, Transaction& tx, std::string* response) {
  record::Status status = AuthoriseCommand(command, tx);
  if (status.code() != record::kOk) return status;
  if (AccessCommand access = FindAccessCommand(command.method->path)) {
    status = access(command, tx, response);
  } else if (const CommandFunction* function = tx.behaviours().FindCommand(command.method->path)) {
    status = (*function)(command.request, tx, response);
  } else if (command.method->command.has_transition()) {
    status = RunTransition(command, tx, response);
  } else {
    return record::MakeStatus(record::kUnimplemented, "NO_BEHAVIOUR",
                              command.method->path + " is not served here.");
  }
  if (status.code() != record::kOk || tx.empty() || command.method->command.post().empty())
    return status;
  return LeavePost(command, tx);
}

// Nothing is left to do where an undelete, or a crash, came between.
record::Status ContinueOperation(const Write& write, Transaction& tx) {
  const std::optional<std::string> image = tx.FindHidden(*write.type, write.id);
  if (!image || image->empty()) return {};
  if (record::IsSetIn(*image, record::kDeleteTime))
    return ContinueCascade(*write.type, write.id, *image, tx);
  if (IsMoving(*write.type, *image)) return ContinueMoving(*write.type, write.id, *image, tx);
  return {};
}

}  // namespace

Outcome Decide(const Command& command, Transaction& tx) {
  Outcome outcome;
  if (command.continues) {
    outcome.status = ContinueOperation(command.writes.front(), tx);
    return outcome;
  }
  if (command.method->kind == MethodKind::kCommand) {
    outcome.status = DecideCommand(command, tx, &outcome.response);
    return outcome;
  }
  outcome.status = AuthoriseBatch(command, tx);
  if (outcome.status.code() != record::kOk) return outcome;
  TakenIds taken;
  for (const Write& write : command.writes) {
    record::Status status = DecideWrite(command.method->kind, write, tx, &outcome);
    if (status.code() == record::kOk || taken.Note(status, write)) continue;
    outcome.status = std::move(status);
    return outcome;
  }
  if (taken.any()) outcome.status = taken.status();
  return outcome;
}

}  // namespace crm::shard
