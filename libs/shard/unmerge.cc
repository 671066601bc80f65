#include <algorithm>

#include "libs/record/check.h"
#include "libs/record/image.h"
#include "libs/shard/merge.h"
#include "libs/shard/merge_history.h"
#include "libs/shard/moving.h"
#include "libs/shard/shard.h"
#include "libs/shard/standard.h"
#include "libs/shard/unmerge_change.h"

namespace crm::shard {
namespace {

using record::Field;
using record::RecordType;
using record::Uuid;

class Unmerging {
 public:
  Unmerging(const RecordType& type, const Uuid& id, Transaction& tx, Moved* moved)
      : type_(type),
        id_(id),
        name_(type.collection + "/" + id.Text()),
        tx_(tx),
        moved_(*moved),
        merge_(type, id, tx) {}

  record::Status Run(const std::string& etag) {
    std::optional<std::string> image = tx_.Find(type_, id_);
    if (!image || image->empty()) return record::NotFound(name_);
    record::Status status = CheckEtag(etag, *image, name_);
    if (status.code() != record::kOk) return status;
    const bool merged = record::IsSetIn(*image, type_.Find("merged")->number);
    if (!merged || merge_.empty()) return NotMerged();
    moved_.master = merge_.master();
    status = CheckMoving(*image);
    if (status.code() != record::kOk) return status;
    return FitsOneCommit() ? AtOnce() : Start(*image);
  }

  // One commit of several. `count`: of the others' events, how many are done.
  record::Status GoOn(const std::string& image, int count) {
    // What was left alone since the merge costs no event, but is looked at.
    const int most = count + static_cast<int>(tx_.limits().delete_events);
    std::vector<log::Stored> others = merge_.Others(count);
    for (; !others.empty() && count < most && !StepIsFull(tx_); others = merge_.Others(count)) {
      for (size_t i = 0; i < others.size() && count < most && !StepIsFull(tx_); ++i, ++count) {
        record::Status status = StageBack(others[i], ChangeBack::Of::kChild);
        if (status.code() != record::kOk) return status;
      }
    }
    if (!others.empty())
      return StageStep(type_, id_, image, image, count, true, "unmerge_continued", tx_);
    record::Status status = StageBack(merge_.filling(), ChangeBack::Of::kMerged);
    if (status.code() != record::kOk) return status;
    const ChangeBack closed(merge_.closing(), ChangeBack::Of::kMerged, tx_);
    const uint32_t master = type_.Find("master")->number;
    record::ImageEdit edit(image);
    edit.SetText(master, record::TextIn(closed.after(), master));
    return StageStep(type_, id_, image, edit.Build(), 0, false, "unmerge_ended", tx_);
  }

 private:
  record::Status NotMerged() const {
    return record::MakeStatus(record::kFailedPrecondition, "NOT_MERGED",
                              name_ + " is not merged into another record.", {{"name", name_}});
  }

  // Neither it nor its master has a part in another merge that is under way.
  record::Status CheckMoving(const std::string& image) const {
    std::string moving = MovingWith(type_, id_, image, tx_);
    const Uuid master = record::Name::Parse(merge_.master())->id;
    const auto found = tx_.Find(type_, master);
    if (moving.empty() && found && !found->empty()) moving = MovingWith(type_, master, *found, tx_);
    return moving.empty() ? record::Status() : MergeUnderWay(moving);
  }

  // Looks at everything without changing anything, and counts what is to be told of it.
  bool FitsOneCommit() {
    size_t events = 2;
    size_t bytes = 0;
    int at = 0;
    for (auto others = merge_.Others(at); !others.empty(); others = merge_.Others(at)) {
      for (const log::Stored& event : others) {
        const ChangeBack change(event, ChangeBack::Of::kChild, tx_);
        // Others that were dropped with it may refer to it.
        if (change.revives()) tx_.Announce(change.name());
        events += change.empty() ? 0 : 1;
        bytes += change.after().size();
        Tell(change);
      }
      at += static_cast<int>(others.size());
    }
    return events <= tx_.limits().delete_events && bytes <= tx_.limits().commit_bytes / 2;
  }

  // First the record itself and last its master, so that on the way no reference seems to close a
  // circle that the finished state does not have.
  record::Status AtOnce() {
    moved_.records.clear();
    moved_.conflicts.clear();
    record::Status status = StageBack(merge_.closing(), ChangeBack::Of::kMerged);
    int at = 0;
    for (auto others = merge_.Others(at); !others.empty(); others = merge_.Others(at)) {
      for (const log::Stored& event : others) {
        if (status.code() != record::kOk) return status;
        status = StageBack(event, ChangeBack::Of::kChild);
      }
      at += static_cast<int>(others.size());
    }
    return status.code() == record::kOk ? StageBack(merge_.filling(), ChangeBack::Of::kMerged)
                                        : status;
  }

  // It has a master until the end, whom nobody deletes meanwhile.
  record::Status Start(const std::string& image) {
    moved_.moving = true;
    tx_.NoteOperation();
    Tell(ChangeBack(merge_.filling(), ChangeBack::Of::kMerged, tx_, false));
    const ChangeBack change(merge_.closing(), ChangeBack::Of::kMerged, tx_);
    Tell(change);
    record::ImageEdit edit(change.after());
    // Of one that was deleted since, nothing is left to say.
    const auto master = tx_.Find(type_, record::Name::Parse(merge_.master())->id);
    if (master && !master->empty()) edit.SetText(type_.Find("master")->number, merge_.master());
    std::string after = edit.Build();
    record::Status status = Derive(type_, image, "", tx_, &after);
    if (status.code() != record::kOk) return status;
    return StageStep(type_, id_, image, after, 0, true, "unmerged", tx_);
  }

  void Tell(const ChangeBack& change) {
    moved_.conflicts.insert(moved_.conflicts.end(), change.conflicts().begin(),
                            change.conflicts().end());
    if (change.moves()) ++moved_.records[change.type()->collection];
  }

  record::Status StageBack(const log::Stored& event, ChangeBack::Of of) {
    const ChangeBack change(event, of, tx_);
    Tell(change);
    return change.Stage(tx_);
  }

  const RecordType& type_;
  const Uuid id_;
  const std::string name_;
  Transaction& tx_;
  Moved& moved_;
  const MergeHistory merge_;
};

}  // namespace

record::Status Unmerge(const record::RecordType& type, const std::string& subordinate,
                       const std::string& etag, Transaction& tx, Moved* moved) {
  CRM_CHECK(type.Find("merged") && type.Find("master"));
  auto name = record::Name::Parse(subordinate);
  if (!name || name->collection != type.collection || !tx.tenant_number())
    return record::NotFound(subordinate);
  return Unmerging(type, name->id, tx, moved).Run(etag);
}

record::Status ContinueUnmerge(const record::RecordType& type, const record::Uuid& id,
                               const std::string& image, Transaction& tx) {
  Moved moved;
  const auto count = record::IntegerIn(image, type.Find("moving_count")->number);
  return Unmerging(type, id, tx, &moved).GoOn(image, static_cast<int>(count));
}

}  // namespace crm::shard
