#include "libs/shard/authorise.h"

#include <algorithm>

#include "libs/access/denial.h"
#include "libs/record/name.h"
#include "libs/record/spans.h"

namespace crm::shard {
namespace {

using access::Guard;
using access::Right;
using record::Status;

Right RightOf(const record::v1::Command& command) {
  return command.right() == record::v1::RIGHT_UNSPECIFIED
             ? Right::kRead
             : static_cast<Right>(static_cast<int>(command.right()) - 1);
}

// Calls `visit` with each text of a message that has the form of a record's name.
template <class Visit>
void ForEachName(const record::MessageType& message, std::string_view bytes, const Visit& visit) {
  auto spans = record::Spans::Read(bytes);
  if (!spans) return;
  for (const record::Field& field : message.fields) {
    if (field.map) continue;
    const bool text = field.kind == record::Kind::kText || field.kind == record::Kind::kReference;
    if (!text && field.kind != record::Kind::kMessage) continue;
    for (const record::Span& span : spans->All(field.number)) {
      if (!text) {
        ForEachName(*field.message, span.payload, visit);
      } else if (auto name = record::Name::Parse(span.payload)) {
        visit(field, *name);
      }
    }
  }
}

// A reference to a record that others can be attached to: not its owner, and not somebody.
bool Attaches(const record::Field& field, const record::RecordType& to) {
  return field.number != record::kOwner && to.annotation.ownership() != record::v1::Record::UNIT &&
         to.package != "crm.identity.v1";
}

// The records that a field refers to and did not before.
std::vector<record::Name> NewlyNamed(const record::Field& field, const record::Spans& was,
                                     const record::Spans& is) {
  std::vector<record::Name> names;
  const auto before = was.All(field.number);
  for (const record::Span& span : is.All(field.number)) {
    const bool old = std::any_of(before.begin(), before.end(), [&](const record::Span& other) {
      return other.payload == span.payload;
    });
    auto name = old ? std::nullopt : record::Name::Parse(span.payload);
    if (name) names.push_back(std::move(*name));
  }
  return names;
}

// What is attached to something newly needs Append on itself and AppendTo on the other.
Status CheckAppend(const Write& write, const record::Uuid& id, std::string_view before,
                   std::string_view after, const Transaction& tx) {
  const record::RecordType& type = *write.type;
  const TransactionRecords records(tx);
  const Guard guard(tx.subject(), records);
  auto was = record::Spans::Read(before);
  auto is = record::Spans::Read(after);
  for (const record::Field& field : type.message->fields) {
    if (field.kind != record::Kind::kReference) continue;
    for (const record::Name& name : NewlyNamed(field, *was, *is)) {
      const record::RecordType* to = tx.catalogue().FindType(name.collection);
      if (to == nullptr || !Attaches(field, *to)) continue;
      auto image = records.Find(*to, name.id);
      if (!image) continue;  // a violation, which is told elsewhere
      const bool follows = type.annotation.ownership() == record::v1::Record::PARENT;
      if (!follows && !guard.May(Right::kAppend, {&type, id, after}))
        return access::MissingRight(Right::kAppend, type.collection);
      const access::Target target{to, name.id, *image};
      if (!guard.May(Right::kAppendTo, target))
        return access::MissingRight(Right::kAppendTo, target.Name());
    }
  }
  return {};
}

Status CheckFields(const Write& write, bool creates, std::string_view image,
                   const Transaction& tx) {
  auto spans = record::Spans::Read(image);
  for (const record::Field& field : write.type->message->fields) {
    const bool written = creates ? spans->Has(field.number) : write.mask.Contains(field.number);
    if (!written) continue;
    const access::FieldRule rule = tx.subject()->RuleOf(write.type->number, field.number);
    if (creates ? rule.create : rule.update) continue;
    return record::MakeStatus(record::kPermissionDenied, "FIELD_SECURED",
                              write.prefix + field.name + " is secured.",
                              {{"field", write.prefix + field.name}});
  }
  return {};
}

}  // namespace

std::optional<std::string> TransactionRecords::Find(const record::RecordType& type,
                                                    const record::Uuid& id) const {
  auto image = tx_.Find(type, id);
  if (image && image->empty()) return std::nullopt;
  return image;
}

std::vector<record::Uuid> TransactionRecords::FindByIndex(const record::RecordType& type,
                                                          const record::Index& index,
                                                          const std::string& values) const {
  const auto ids = tx_.FindByIndex(type, index, values);
  return {ids.begin(), ids.end()};
}

Status CheckOwner(const record::RecordType& type, std::string_view owner, const Transaction& tx) {
  if (tx.subject() == nullptr) return {};
  const access::Organization& organization = tx.subject()->organization();
  auto name = record::Name::Parse(owner);
  const bool user = name && name->collection == "users";
  const auto index = !name  ? access::Organization::kNone
                     : user ? organization.FindUser(name->id)
                            : organization.FindTeam(name->id);
  if (index == access::Organization::kNone) {
    return record::InvalidArgument(
        {{"owner", "BAD_REFERENCE", std::string(owner) + " does not exist."}});
  }
  const bool may = user ? access::MayAny(organization.SubjectOf(index), Right::kRead, type.number)
                        : organization.teams()[static_cast<size_t>(index)].owns;
  if (may) return {};
  return record::MakeStatus(record::kFailedPrecondition, "OWNER_WITHOUT_READ",
                            std::string(owner) + " may not own records of " + type.collection + ".",
                            {{"owner", std::string(owner)}});
}

Status AuthoriseCreation(const Write& write, const record::Uuid& id, std::string_view image,
                         const Transaction& tx) {
  if (tx.subject() == nullptr) return {};
  const TransactionRecords records(tx);
  const Guard guard(tx.subject(), records);
  Status status = guard.CheckAny(Right::kCreate, *write.type);
  if (status.code() != record::kOk) return status;
  if (!guard.May(Right::kCreate, {write.type, id, image}))
    return access::MissingRight(Right::kCreate, write.type->collection);
  const std::string owner(record::TextIn(image, record::kOwner));
  if (!owner.empty() && owner != tx.principal().user) status = CheckOwner(*write.type, owner, tx);
  if (status.code() == record::kOk) status = CheckFields(write, true, write.image, tx);
  return status.code() == record::kOk ? CheckAppend(write, id, "", image, tx) : status;
}

Status Authorise(Right right, const record::RecordType& type, const record::Uuid& id,
                 std::string_view image, const Transaction& tx) {
  if (tx.subject() == nullptr) return {};
  const TransactionRecords records(tx);
  return Guard(tx.subject(), records).Check(right, {&type, id, image});
}

bool MayRead(const record::RecordType& type, const record::Uuid& id, std::string_view image,
             const Transaction& tx) {
  if (tx.subject() == nullptr) return true;
  const TransactionRecords records(tx);
  return Guard(tx.subject(), records).May(Right::kRead, {&type, id, image});
}

bool MayReadNamed(std::string_view name, const Transaction& tx) {
  auto parsed = record::Name::Parse(name);
  const record::RecordType* type = parsed ? tx.catalogue().FindType(parsed->collection) : nullptr;
  auto image = type == nullptr ? std::nullopt : tx.Find(*type, parsed->id);
  return image && !image->empty() && MayRead(*type, parsed->id, *image, tx);
}

Status AuthoriseUpdate(const Write& write, std::string_view before, std::string_view after,
                       const Transaction& tx) {
  if (tx.subject() == nullptr) return {};
  Status status = CheckFields(write, false, after, tx);
  if (status.code() != record::kOk) return status;
  const std::string owner(record::TextIn(after, record::kOwner));
  if (owner != record::TextIn(before, record::kOwner)) {
    status = Authorise(Right::kAssign, *write.type, write.id, before, tx);
    if (status.code() == record::kOk) status = CheckOwner(*write.type, owner, tx);
    if (status.code() != record::kOk) return status;
  }
  return CheckAppend(write, write.id, before, after, tx);
}

Status CheckPrivilege(const std::string& privilege, const Transaction& tx) {
  if (tx.subject() == nullptr || tx.subject()->HasMiscellaneous(privilege)) return {};
  return access::MissingPrivilege(privilege);
}

Status AuthoriseBatch(const Command& command, const Transaction& tx) {
  const bool edits = command.method->kind == record::MethodKind::kBatchUpdate;
  if (!edits || command.writes.size() < 2) return {};
  return CheckPrivilege("BULK_EDIT", tx);
}

Status AuthoriseCommand(const Command& command, const Transaction& tx) {
  if (tx.subject() == nullptr) return {};
  const record::Method& method = *command.method;
  const record::v1::Command& declared = method.command;
  const TransactionRecords records(tx);
  const Guard guard(tx.subject(), records);
  const Right right = RightOf(declared);
  Status status;
  if (method.type != nullptr) status = guard.CheckAny(right, *method.type);
  for (const std::string& collection : declared.creates()) {
    const record::RecordType* created = tx.catalogue().FindType(collection);
    if (status.code() == record::kOk && created != nullptr)
      status = guard.CheckAny(Right::kCreate, *created);
  }
  if (status.code() != record::kOk) return status;
  if (!declared.privilege().empty()) status = CheckPrivilege(declared.privilege(), tx);
  if (status.code() != record::kOk) return status;
  ForEachName(*method.request, command.request,
              [&](const record::Field& field, const record::Name& name) {
                const record::RecordType* type = tx.catalogue().FindType(name.collection);
                if (type == nullptr || status.code() != record::kOk) return;
                // Whom a command names is not read by it.
                if (type->HostedBy("identity") && !tx.Hosts(*type)) return;
                auto image = records.Find(*type, name.id);
                if (!image) return;
                // What the command is about, and others of its type that it merges with it.
                const bool about = field.number == record::kName || type == method.type;
                status = guard.Check(about ? right : Right::kRead, {type, name.id, *image});
              });
  return status;
}

}  // namespace crm::shard
