#include "libs/shard/merge.h"

#include "libs/record/check.h"
#include "libs/record/image.h"
#include "libs/shard/merge_fill.h"
#include "libs/shard/merge_moves.h"
#include "libs/shard/moving.h"
#include "libs/shard/shard.h"
#include "libs/shard/standard.h"

namespace crm::shard {
namespace {

using record::Field;
using record::RecordType;
using record::Uuid;

class Merger {
 public:
  Merger(const Merging& merging, Transaction& tx, Moved* moved)
      : merging_(merging),
        type_(*merging.type),
        tx_(tx),
        moved_(*moved),
        master_(merging.master),
        subordinate_(merging.subordinate) {}

  record::Status Run() {
    record::Status status = Check();
    if (status.code() == record::kOk) status = MoveChildren();
    if (status.code() == record::kOk) status = CloseSubordinate();
    if (status.code() == record::kOk) status = FillAndStage();
    return status;
  }

 private:
  record::Status Check() {
    if (master_ == subordinate_) {
      return record::InvalidArgument(
          {{"subordinate", "SAME_RECORD", "A record is not merged into itself."}});
    }
    record::Status status = Load(master_, "name", &master_id_, &master_image_);
    if (status.code() == record::kOk)
      status = CheckEtag(merging_.master_etag, master_image_, master_);
    if (status.code() == record::kOk)
      status = Load(subordinate_, "subordinate", &subordinate_id_, &subordinate_image_);
    return status.code() == record::kOk ? CompileTake() : status;
  }

  record::Status Load(const std::string& name, const std::string& field, Uuid* id,
                      std::string* image) const {
    auto parsed = record::Name::Parse(name);
    if (!parsed || parsed->collection != type_.collection) {
      return record::InvalidArgument(
          {{field, "BAD_REFERENCE", "It must be one of " + type_.collection + "."}});
    }
    std::optional<std::string> found = tx_.Find(type_, parsed->id);
    if (!found || found->empty()) return record::NotFound(name);
    auto spans = record::Spans::Read(*found);
    const Field* state = type_.message->Find(record::kState);
    if (static_cast<int>(spans->Integer(record::kState)) != state->options->default_number) {
      return record::MakeStatus(record::kFailedPrecondition, "RECORD_INACTIVE",
                                name + " is not in use, so it is not merged.", {{"name", name}});
    }
    // It may be in use again.
    if (spans->Has(type_.Find("merged")->number)) {
      return record::MakeStatus(record::kFailedPrecondition, "ALREADY_MERGED",
                                name + " was merged before; take that back first.",
                                {{"name", name}});
    }
    const std::string moving = MovingWith(type_, parsed->id, *found, tx_);
    if (!moving.empty()) return MergeUnderWay(moving);
    *id = parsed->id;
    *image = std::move(*found);
    return {};
  }

  record::Status CompileTake() {
    std::vector<record::Violation> violations;
    take_ = record::Mask::Compile(*type_.message, merging_.take, "take", &violations);
    for (const std::string& path : merging_.take) {
      const Field* field = type_.Find(path.substr(0, path.find('.')));
      if (field != nullptr && !Fillable(field))
        violations.push_back({"take", "UNKNOWN_FIELD", path + " is no field that can be taken."});
    }
    return violations.empty() ? record::Status() : record::InvalidArgument(violations);
  }

  // All of them, if one commit holds it; else those that the master hangs under.
  record::Status MoveChildren() {
    MergeMoves moves(type_, master_, subordinate_, tx_);
    for (const MergeMove& move : Plan(&moves)) {
      record::Status status = StageMove(move, tx_);
      if (status.code() != record::kOk) return status;
    }
    if (!moved_.moving) return {};
    tx_.NoteOperation();
    MergeMoves again(type_, master_, subordinate_, tx_);
    for (const Field& field : type_.message->fields) {
      if (!field.annotation.reference().acyclic()) continue;
      const MergeChild* between = again.Between(field);
      const auto move = between != nullptr ? again.Look(*between) : std::nullopt;
      record::Status status = move ? StageMove(*move, tx_) : record::Status();
      if (status.code() != record::kOk) return status;
    }
    moved_first_ = static_cast<int>(tx_.staged().size());
    return {};
  }

  // Counts what moves. Nothing is left to be staged if it is more than a commit holds.
  std::vector<MergeMove> Plan(MergeMoves* moves) {
    const Limits& limits = tx_.limits();
    std::vector<MergeMove> plan;
    size_t events = 2;
    size_t bytes = 0;
    for (const MergeChild& child : moves->children()) {
      std::optional<MergeMove> move = moves->Look(child);
      if (!move) continue;
      if (!move->drop) ++moved_.records[child.type->collection];
      events += move->events();
      bytes += move->after.size();
      moved_.moving |= events > limits.delete_events || bytes > limits.commit_bytes / 2;
      if (moved_.moving) {
        plan.clear();
      } else {
        plan.push_back(std::move(*move));
      }
    }
    return plan;
  }

  record::Status CloseSubordinate() {
    record::ImageEdit edit(subordinate_image_);
    auto spans = record::Spans::Read(subordinate_image_);
    for (const Field& field : type_.message->fields) {
      if (field.annotation.reference().acyclic() && spans->Text(field.number) == master_)
        edit.Clear(field.number);
    }
    edit.SetInteger(record::kState, static_cast<uint64_t>(merging_.state));
    edit.SetInteger(record::kStatus, static_cast<uint64_t>(merging_.status));
    edit.SetInteger(type_.Find("merged")->number, 1);
    edit.SetText(type_.Find("master")->number, master_);
    std::string after = edit.Build();
    record::Status status = Derive(type_, subordinate_image_, "", tx_, &after);
    if (status.code() != record::kOk) return status;
    return StageStep(type_, subordinate_id_, subordinate_image_, after, moved_first_, moved_.moving,
                     "merged", tx_);
  }

  record::Status FillAndStage() {
    const MasterFill fill{&type_, master_, subordinate_, master_image_, subordinate_image_, &take_};
    std::string after;
    record::Status status = FillMaster(fill, tx_, &after, &moved_.fields);
    if (status.code() != record::kOk) return status;
    return tx_.Stage(type_, master_id_, master_image_, std::move(after), "merged",
                     EtagOf(master_image_) + 1);
  }

  const Merging& merging_;
  const RecordType& type_;
  Transaction& tx_;
  Moved& moved_;
  const std::string master_;
  const std::string subordinate_;
  record::Mask take_;
  Uuid master_id_;
  Uuid subordinate_id_;
  std::string master_image_;
  std::string subordinate_image_;
  int moved_first_ = 0;  // records that the first of several commits moves
};

}  // namespace

record::Status Merge(const Merging& merging, Transaction& tx, Moved* moved) {
  CRM_CHECK(merging.type->Find("merged") && merging.type->Find("master"));
  moved->master = merging.master;
  return Merger(merging, tx, moved).Run();
}

record::Status ContinueMerge(const record::RecordType& type, const record::Uuid& id,
                             const std::string& image, Transaction& tx) {
  const auto spans = record::Spans::Read(image);
  const std::string master(spans->Text(type.Find("master")->number));
  const auto alive = tx.Find(type, record::Name::Parse(master)->id);
  if (!alive || alive->empty()) return record::NotFound(master);
  MergeMoves moves(type, master, type.collection + "/" + id.Text(), tx);
  auto child = moves.children().begin();
  for (; child != moves.children().end() && !StepIsFull(tx); ++child) {
    const std::optional<MergeMove> move = moves.Look(*child);
    record::Status status = move ? StageMove(*move, tx) : record::Status();
    if (status.code() != record::kOk) return status;
  }
  const bool more = child != moves.children().end();
  const int count =
      static_cast<int>(spans->Integer(type.Find("moving_count")->number) + tx.staged().size());
  return StageStep(type, id, image, image, count, more, more ? "merge_continued" : "merge_ended",
                   tx);
}

}  // namespace crm::shard
