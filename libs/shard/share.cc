#include <algorithm>
#include <initializer_list>

#include "crm/activity/v1/share.pb.h"
#include "crm/record/v1/access.pb.h"
#include "libs/record/image.h"
#include "libs/record/key.h"
#include "libs/record/name.h"
#include "libs/shard/assign.h"
#include "libs/shard/authorise.h"
#include "libs/shard/standard.h"

// Sharing: rows that open a record to somebody.
namespace crm::shard {
namespace {

using activity::v1::Share;
using Rights = google::protobuf::RepeatedField<int>;

// The row of a record and somebody, with its id; a new one if there is none. Each access team has
// rows of its own.
struct Row {
  const record::RecordType* type = nullptr;
  record::Uuid id;
  std::string before;
  Share share;
};

Row RowOf(const Along& record, const std::string& principal, const std::string& team,
          Transaction& tx) {
  Row row;
  row.type = tx.catalogue().FindType("shares");
  const std::string name = record.type->collection + "/" + record.id.Text();
  const record::Index& index = *row.type->FindIndex("record,principal");
  const std::string values = *record::EncodeValue(*index.by[0].back(), name) +
                             *record::EncodeValue(*index.by[1].back(), principal);
  for (const record::Uuid& id : tx.FindByIndex(*row.type, index, values)) {
    row.id = id;
    row.before = tx.Find(*row.type, id).value_or("");
    row.share.ParseFromString(row.before);
    if (row.share.access_team_template() == team) return row;
  }
  row = Row{row.type, {}, "", {}};
  row.id = tx.NewId();
  row.share.set_record(name);
  row.share.set_principal(principal);
  row.share.set_access_team_template(team);
  return row;
}

// Writes the row; one that opens nothing any more goes.
record::Status Write(const Row& row, Transaction& tx, bool* changed) {
  *changed = false;
  const bool empty = row.share.rights().empty();
  if (empty && row.before.empty()) return {};
  *changed = true;
  if (empty) return tx.StageDelete(*row.type, row.id, row.before);
  auto image = record::Normalise(*row.type->message, row.share.SerializeAsString());
  if (*image == row.before) {
    *changed = false;
    return {};
  }
  return tx.Stage(*row.type, row.id, row.before, *image, "shared", EtagOf(row.before) + 1);
}

record::Status CheckSomebody(const std::string& principal, const std::string& field,
                             std::initializer_list<std::string_view> collections,
                             const Transaction& tx) {
  auto name = record::Name::Parse(principal);
  const bool somebody = name && std::find(collections.begin(), collections.end(),
                                          name->collection) != collections.end();
  bool known = somebody;
  if (somebody && tx.subject() != nullptr) {
    const access::Organization& organization = tx.subject()->organization();
    known = (name->collection == "users"
                 ? organization.FindUser(name->id)
                 : organization.FindTeam(name->id)) != access::Organization::kNone;
  }
  if (known) return {};
  return record::InvalidArgument(
      {{field, "BAD_REFERENCE", principal + " is nobody who could have rights."}});
}

// Nobody gives what it does not have.
record::Status CheckGiven(const Along& root, const Rights& rights, const Transaction& tx) {
  for (int number : rights) {
    if (number <= 0 || number > static_cast<int>(access::kRights)) {
      return record::InvalidArgument({{"rights", "UNKNOWN_OPTION", "There is no such right."}});
    }
    const auto right = static_cast<access::Right>(number - 1);
    record::Status status = Authorise(right, *root.type, root.id, root.image, tx);
    if (status.code() != record::kOk) return status;
  }
  return {};
}

// Sets the rights of somebody on the record, and counts what is open along with it. Whoever is
// decided about inherits the rights of records above (Guard), so that what is attached, moved or
// taken back needs no rows of its own.
record::Status SetRights(const Along& root, const std::string& principal, const Rights& rights,
                         Transaction& tx, int* along) {
  Row row = RowOf(root, principal, "", tx);
  *row.share.mutable_rights() = rights;
  bool changed = false;
  record::Status status = Write(row, tx, &changed);
  if (!changed) return status;
  for (const Along& each : RecordsAlong(*root.type, root.id, "", &record::Referrer::on_share, tx)) {
    if (each.type->annotation.ownership() == record::v1::Record::USER) ++*along;
  }
  return status;
}

record::Status ShareRecord(const Command& command, Transaction& tx, std::string* response) {
  record::v1::ShareRecordRequest request;
  request.ParseFromString(command.request);
  record::Status status;
  auto root = NamedRecord(request.name(), request.etag(), tx, &status);
  if (!root) return status;
  status = CheckSomebody(request.principal(), "principal", {"users", "teams"}, tx);
  if (status.code() == record::kOk) status = CheckGiven(*root, request.rights(), tx);
  if (status.code() != record::kOk) return status;
  int along = 0;
  status = SetRights(*root, request.principal(), request.rights(), tx, &along);
  record::v1::ShareRecordResponse answer;
  answer.set_name(request.name());
  answer.set_shared(along);
  *response = answer.SerializeAsString();
  return status;
}

record::Status UnshareRecord(const Command& command, Transaction& tx, std::string* response) {
  record::v1::UnshareRecordRequest request;
  request.ParseFromString(command.request);
  record::Status status;
  auto root = NamedRecord(request.name(), request.etag(), tx, &status);
  if (!root) return status;
  int along = 0;
  status = SetRights(*root, request.principal(), {}, tx, &along);
  record::v1::UnshareRecordResponse answer;
  answer.set_name(request.name());
  answer.set_unshared(along);
  *response = answer.SerializeAsString();
  return status;
}

// The template's rights; null and a status where it is none for the record.
const access::TemplateRow* TemplateFor(const Along& root, const std::string& text,
                                       const Transaction& tx, record::Status* status) {
  auto name = record::Name::Parse(text);
  if (name && name->collection == "access_team_templates" && tx.subject() != nullptr) {
    for (const access::TemplateRow& row : tx.subject()->organization().templates()) {
      if (row.id == name->id && row.type == root.type->number) return &row;
    }
  }
  *status = record::InvalidArgument(
      {{"template", "BAD_REFERENCE",
        text + " is no access team template for " + root.type->collection + "."}});
  return nullptr;
}

record::Status AddToAccessTeam(const Command& command, Transaction& tx, std::string* response) {
  record::v1::AddToAccessTeamRequest request;
  request.ParseFromString(command.request);
  record::Status status;
  auto root = NamedRecord(request.name(), request.etag(), tx, &status);
  if (!root) return status;
  status = CheckSomebody(request.user(), "user", {"users"}, tx);
  if (status.code() != record::kOk) return status;
  const access::TemplateRow* row = TemplateFor(*root, request.template_(), tx, &status);
  if (row == nullptr) return status;
  Rights rights;
  for (size_t right = 0; right < access::kRights; ++right) {
    if (row->rights.Has(static_cast<access::Right>(right))) rights.Add(static_cast<int>(right) + 1);
  }
  status = CheckGiven(*root, rights, tx);
  if (status.code() != record::kOk) return status;
  Row member = RowOf(*root, request.user(), request.template_(), tx);
  *member.share.mutable_rights() = rights;
  bool changed = false;
  status = Write(member, tx, &changed);
  record::v1::AddToAccessTeamResponse answer;
  answer.set_name(request.name());
  *response = answer.SerializeAsString();
  return status;
}

record::Status RemoveFromAccessTeam(const Command& command, Transaction& tx,
                                    std::string* response) {
  record::v1::RemoveFromAccessTeamRequest request;
  request.ParseFromString(command.request);
  record::Status status;
  auto root = NamedRecord(request.name(), request.etag(), tx, &status);
  if (!root) return status;
  Row member = RowOf(*root, request.user(), request.template_(), tx);
  member.share.clear_rights();
  bool changed = false;
  status = Write(member, tx, &changed);
  record::v1::RemoveFromAccessTeamResponse answer;
  answer.set_name(request.name());
  *response = answer.SerializeAsString();
  return status;
}

}  // namespace

AccessCommand FindAccessCommand(const std::string& path) {
  if (path == "/crm.record.v1.Access/AssignRecord") return AssignRecord;
  if (path == "/crm.record.v1.Access/ShareRecord") return ShareRecord;
  if (path == "/crm.record.v1.Access/UnshareRecord") return UnshareRecord;
  if (path == "/crm.record.v1.Access/AddToAccessTeam") return AddToAccessTeam;
  if (path == "/crm.record.v1.Access/RemoveFromAccessTeam") return RemoveFromAccessTeam;
  return nullptr;
}

}  // namespace crm::shard
