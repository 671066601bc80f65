#include "libs/shard/assign.h"

#include <set>

#include "crm/record/v1/access.pb.h"
#include "libs/record/image.h"
#include "libs/record/key.h"
#include "libs/record/name.h"
#include "libs/shard/authorise.h"
#include "libs/shard/shard.h"
#include "libs/shard/standard.h"

namespace crm::shard {
namespace {

bool GoesAlong(record::v1::Cascade cascade, const record::RecordType& type, std::string_view image,
               std::string_view owner) {
  auto spans = record::Spans::Read(image);
  switch (cascade) {
    case record::v1::ALL:
      return true;
    case record::v1::SAME_OWNER:
      return spans->Text(record::kOwner) == owner;
    case record::v1::ACTIVE: {
      const record::Field* state = type.message->Find(record::kState);
      return state == nullptr ||
             static_cast<int>(spans->Integer(record::kState)) == state->options->default_number;
    }
    default:
      return false;
  }
}

}  // namespace

std::vector<Along> RecordsAlong(const record::RecordType& type, const record::Uuid& id,
                                std::string_view owner, CascadeOf cascade, const Transaction& tx) {
  std::vector<Along> along;
  std::set<std::pair<const record::RecordType*, record::Uuid>> seen{{&type, id}};
  std::vector<std::pair<const record::RecordType*, record::Uuid>> waiting{{&type, id}};
  record::Field reference;
  reference.kind = record::Kind::kReference;
  while (!waiting.empty() && along.size() <= tx.limits().commit_events) {
    const auto [parent, parent_id] = waiting.back();
    waiting.pop_back();
    const auto values = record::EncodeValue(reference, parent->collection + "/" + parent_id.Text());
    for (const record::Referrer& referrer : parent->referrers) {
      if (referrer.*cascade == record::v1::NONE) continue;
      for (const record::Uuid& child : tx.FindByIndex(*referrer.from, *referrer.index, *values)) {
        auto image = tx.Find(*referrer.from, child);
        if (!image || image->empty() || seen.contains({referrer.from, child}) ||
            !GoesAlong(referrer.*cascade, *referrer.from, *image, owner)) {
          continue;
        }
        seen.insert({referrer.from, child});
        waiting.push_back({referrer.from, child});
        along.push_back({referrer.from, child, std::move(*image)});
      }
    }
  }
  return along;
}

std::optional<Along> NamedRecord(std::string_view text, std::string_view etag,
                                 const Transaction& tx, record::Status* status) {
  auto name = record::Name::Parse(text);
  const record::RecordType* type = name ? tx.catalogue().FindType(name->collection) : nullptr;
  auto image =
      type == nullptr || type->annotation.internal() ? std::nullopt : tx.Find(*type, name->id);
  if (!image || image->empty()) {
    *status = record::NotFound(text);
    return std::nullopt;
  }
  *status = CheckEtag(std::string(etag), *image, std::string(text));
  if (status->code() != record::kOk) return std::nullopt;
  if (type->annotation.ownership() != record::v1::Record::USER) {
    *status = record::MakeStatus(record::kFailedPrecondition, "NOT_OWNED",
                                 "Records of " + type->collection + " have no owner of their own.",
                                 {{"collection", type->collection}});
    return std::nullopt;
  }
  return Along{type, name->id, std::move(*image)};
}

record::Status AssignRecord(const Command& command, Transaction& tx, std::string* response) {
  record::v1::AssignRecordRequest request;
  request.ParseFromString(command.request);
  record::Status status;
  auto root = NamedRecord(request.name(), request.etag(), tx, &status);
  if (!root) return status;
  status = CheckOwner(*root->type, request.owner(), tx);
  if (status.code() != record::kOk) return status;
  const std::string previous(record::Spans::Read(root->image)->Text(record::kOwner));
  auto along = RecordsAlong(*root->type, root->id, previous, &record::Referrer::on_assign, tx);
  along.insert(along.begin(), std::move(*root));
  record::v1::AssignRecordResponse answer;
  answer.set_name(request.name());
  answer.set_previous_owner(previous);
  for (const Along& each : along) {
    if (each.type->annotation.ownership() != record::v1::Record::USER) continue;
    if (record::TextIn(each.image, record::kOwner) == request.owner()) continue;
    record::ImageEdit edit(each.image);
    edit.SetText(record::kOwner, request.owner());
    status =
        tx.Stage(*each.type, each.id, each.image, edit.Build(), "assigned", EtagOf(each.image) + 1);
    if (status.code() != record::kOk) return status;
    if (&each != &along.front()) answer.set_moved(answer.moved() + 1);
  }
  *response = answer.SerializeAsString();
  return {};
}

}  // namespace crm::shard
