#include <algorithm>

#include "crm/activity/v1/share.pb.h"
#include "crm/record/v1/access.pb.h"
#include "libs/record/image.h"
#include "libs/record/key.h"
#include "libs/record/name.h"
#include "libs/shard/assign.h"
#include "libs/shard/authorise.h"
#include "libs/shard/standard.h"

// Sharing: rows that open a record, and those that go along with it, to somebody.
namespace crm::shard {
namespace {

using activity::v1::Share;
using Rights = google::protobuf::RepeatedField<int>;

// The row of a record and somebody, with its id; a new one if there is none.
struct Row {
  const record::RecordType* type = nullptr;
  record::Uuid id;
  std::string before;
  Share share;
};

Row RowOf(const Along& record, const std::string& principal, Transaction& tx) {
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
    return row;
  }
  row.id = tx.NewId();
  row.share.set_record(name);
  row.share.set_principal(principal);
  return row;
}

// Writes the row; one that opens nothing any more goes.
record::Status Write(const Row& row, Transaction& tx, bool* changed) {
  *changed = false;
  const bool empty = row.share.rights().empty() && row.share.inherited_rights().empty();
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

record::Status CheckPrincipal(const std::string& principal, const Transaction& tx) {
  auto name = record::Name::Parse(principal);
  const bool somebody = name && (name->collection == "users" || name->collection == "teams");
  bool known = somebody;
  if (somebody && tx.subject() != nullptr) {
    const access::Organization& organization = tx.subject()->organization();
    known = (name->collection == "users"
                 ? organization.FindUser(name->id)
                 : organization.FindTeam(name->id)) != access::Organization::kNone;
  }
  if (known) return {};
  return record::InvalidArgument(
      {{"principal", "BAD_REFERENCE", principal + " is no user or team that exists."}});
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

// Sets the rights of somebody on the record, and those that are inherited along with it.
record::Status SetRights(const Along& root, const std::string& principal, const Rights& rights,
                         Transaction& tx, int* along) {
  Row row = RowOf(root, principal, tx);
  *row.share.mutable_rights() = rights;
  bool changed = false;
  record::Status status = Write(row, tx, &changed);
  const std::string owner(record::Spans::Read(root.image)->Text(record::kOwner));
  for (const Along& each :
       RecordsAlong(*root.type, root.id, owner, &record::Referrer::on_share, tx)) {
    if (status.code() != record::kOk) break;
    if (each.type->annotation.ownership() != record::v1::Record::USER) continue;
    Row below = RowOf(each, principal, tx);
    *below.share.mutable_inherited_rights() = rights;
    status = Write(below, tx, &changed);
    if (changed) ++*along;
  }
  return status;
}

record::Status ShareRecord(const Command& command, Transaction& tx, std::string* response) {
  record::v1::ShareRecordRequest request;
  request.ParseFromString(command.request);
  record::Status status;
  auto root = NamedRecord(request.name(), request.etag(), tx, &status);
  if (!root) return status;
  status = CheckPrincipal(request.principal(), tx);
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

}  // namespace

AccessCommand FindAccessCommand(const std::string& path) {
  if (path == "/crm.record.v1.Access/AssignRecord") return AssignRecord;
  if (path == "/crm.record.v1.Access/ShareRecord") return ShareRecord;
  if (path == "/crm.record.v1.Access/UnshareRecord") return UnshareRecord;
  return nullptr;
}

}  // namespace crm::shard
