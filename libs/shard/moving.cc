#include "libs/shard/moving.h"

#include "libs/record/image.h"
#include "libs/record/key.h"
#include "libs/shard/shard.h"
#include "libs/shard/standard.h"

namespace crm::shard {

bool IsMoving(const record::RecordType& type, std::string_view image) {
  const record::Field* moving = type.Find("moving_time");
  return moving != nullptr && record::IsSetIn(image, moving->number);
}

std::string MovingWith(const record::RecordType& type, const record::Uuid& id,
                       std::string_view image, const Transaction& tx) {
  if (type.Find("moving_time") == nullptr) return "";
  std::string name = type.collection + "/" + id.Text();
  if (IsMoving(type, image)) return name;
  for (const record::Referrer& referrer : type.referrers) {
    if (referrer.from != &type || referrer.field != type.Find("master")) continue;
    for (const record::Uuid& merged :
         tx.FindByIndex(type, *referrer.index, *record::EncodeValue(*referrer.field, name))) {
      const auto other = tx.FindHidden(type, merged);
      if (other && IsMoving(type, *other)) return type.collection + "/" + merged.Text();
    }
  }
  return "";
}

record::Status MergeUnderWay(const std::string& moving) {
  return record::MakeStatus(record::kFailedPrecondition, "MERGE_UNDER_WAY",
                            "What hangs on " + moving + " is just being moved; try again.",
                            {{"name", moving}});
}

record::Status ContinueMoving(const record::RecordType& type, const record::Uuid& id,
                              const std::string& image, Transaction& tx) {
  tx.NoteOperation();
  const bool merges = record::IsSetIn(image, type.Find("merged")->number);
  return merges ? ContinueMerge(type, id, image, tx) : ContinueUnmerge(type, id, image, tx);
}

bool StepIsFull(const Transaction& tx) {
  return tx.staged().size() >= tx.limits().step_events || tx.bytes() > tx.limits().commit_bytes / 2;
}

record::Status StageStep(const record::RecordType& type, const record::Uuid& id,
                         std::string_view before, const std::string& after, int count, bool more,
                         std::string_view event, Transaction& tx) {
  const uint32_t time = type.Find("moving_time")->number;
  record::ImageEdit edit(after);
  edit.SetInteger(type.Find("moving_count")->number, more ? static_cast<uint64_t>(count) : 0);
  if (!more) {
    edit.Clear(time);
  } else if (!IsMoving(type, after)) {
    edit.SetTime(time, tx.time());
  }
  return tx.Stage(type, id, before, edit.Build(), event, EtagOf(before) + 1);
}

}  // namespace crm::shard
