#include "libs/shard/transaction.h"

#include <charconv>

#include "libs/record/changed.h"
#include "libs/record/check.h"
#include "libs/record/image.h"
#include "libs/record/key.h"
#include "libs/shard/rates.h"
#include "libs/shard/shard.h"
#include "libs/shard/standard.h"
#include "libs/store/index_key.h"

namespace crm::shard {
namespace {

// Only the values that a record is looked up by are kept: all of them for an index that is unique
// or that behaviours ask, else the reference, which is the index's first value. Empty: nobody looks
// for a record that refers to none.
std::string FollowedValues(const record::Index& index, const record::Spans& spans) {
  const bool whole = index.unique || index.decides;
  std::string values;
  if (!whole && !spans.Has(index.by.front().front()->number)) return values;
  record::AppendIndexValues(index, spans, &values, whole ? index.by.size() : 1);
  return values;
}

std::string JoinPaths(const std::vector<std::string>& paths) {
  std::string joined;
  for (const std::string& path : paths) {
    if (!joined.empty()) joined.push_back(',');
    joined.append(path);
  }
  return joined;
}

}  // namespace

std::string_view EventName(Event event) {
  static constexpr std::string_view kNames[] = {
      "",         "created", "updated",  "deleted",    "undeleted", "assigned", "shared",
      "unshared", "merged",  "unmerged", "reparented", "unlinked",  "relinked", "canceled"};
  return kNames[static_cast<size_t>(event)];
}

Transaction::Transaction(const Context& context, const Command& command, record::Instant time)
    : context_(context),
      command_(command),
      time_(time),
      slot_(context.overlay.Slot(command.principal.tenant)) {
  if (context.tenant) {
    tenant_number_ = context.tenant->number;
    // Nothing is decided while a commit that changes what is hidden is under way.
    if (context.tenant->cascades && !context.view.Cascades(*tenant_number_, false).empty()) {
      hiding_.emplace(context.catalogue, [this](const auto& type, const record::Uuid& id) {
        return FindHidden(type, id);
      });
    }
  }
  command_id_ = NewId();
}

record::Uuid Transaction::NewId() {
  return record::MakeUuidV7(time_, next_id_++, context_.random.Next());
}

record::Uuid Transaction::NewRecordId(const record::RecordType& type) {
  const record::Uuid id = NewId();
  if (tenant_number_) context_.view.ExpectNew({*tenant_number_, type.number, id});
  return id;
}

store::RecordKey Transaction::SlotKey(const record::RecordType& type,
                                      const record::Uuid& id) const {
  return {slot_, type.number, id};
}

bool Transaction::Knows(const record::RecordType& type) const {
  return Hosts(type) || (context_.replicas.contains(&type) && !type.HostedBy("identity"));
}

std::optional<std::string> Transaction::Find(const record::RecordType& type,
                                             const record::Uuid& id) const {
  std::optional<std::string> image = FindHidden(type, id);
  if (hiding_ && image && hiding_->Hides(type, *image)) image->clear();
  return image;
}

std::optional<std::string> Transaction::FindHidden(const record::RecordType& type,
                                                   const record::Uuid& id) const {
  auto written = written_.find(SlotKey(type, id));
  if (written != written_.end()) return *written->second;
  if (const std::string* image = context_.overlay.Find(SlotKey(type, id))) return *image;
  if (!tenant_number_) return std::nullopt;
  return context_.view.Record({*tenant_number_, type.number, id});
}

std::set<record::Uuid> Transaction::FindByIndex(const record::RecordType& type,
                                                const record::Index& index,
                                                const std::string& values) const {
  std::set<record::Uuid> ids;
  if (tenant_number_) {
    store::IndexRange range{*tenant_number_,           type.number, index.number, values,
                            record::PrefixEnd(values), false};
    for (auto cursor = context_.view.Scan(range); cursor->Valid(); cursor->Next()) {
      ids.insert(cursor->id());
    }
  }
  IndexKey key{slot_, type.number, index.number, values};
  context_.overlay.Adjust(key, &ids);
  for (const Staged& staged : staged_) {
    for (const IndexKey& left : staged.left) {
      if (left == key) ids.erase(staged.key.id);
    }
    for (const IndexKey& entered : staged.entered) {
      if (entered == key) ids.insert(staged.key.id);
    }
  }
  return ids;
}

record::Status Transaction::Enter(const record::RecordType& type, const record::Uuid& id,
                                  std::string_view before,
                                  std::shared_ptr<const std::string> after) {
  if (!type.HostedBy(context_.service)) {
    return record::MakeStatus(record::kInvalidArgument, "OTHER_SERVICE",
                              "Records of " + type.collection + " are not written by " +
                                  context_.service + ", but by their own service.",
                              {{"collection", type.collection}});
  }
  if (type.collection == kCurrencies) {
    context_.rates.Forget();
    changes_rates_ = true;
  }
  Staged staged{SlotKey(type, id), after, {}, {}};
  auto spans_before = record::Spans::Read(before);
  auto spans_after = record::Spans::Read(*after);
  CRM_CHECK(spans_before && spans_after);
  for (const record::Index& index : type.indexes) {
    if (!index.followed) continue;
    if (!before.empty() && !after->empty() && store::SameValues(index, *spans_before, *spans_after))
      continue;
    std::string left = before.empty() ? "" : FollowedValues(index, *spans_before);
    std::string entered = after->empty() ? "" : FollowedValues(index, *spans_after);
    if (left == entered) continue;
    if (!left.empty()) staged.left.push_back({slot_, type.number, index.number, std::move(left)});
    if (entered.empty()) continue;
    const bool has_value = spans_after->Has(index.by.front().front()->number);
    if (index.unique && has_value && !FindByIndex(type, index, entered).empty()) {
      return record::MakeStatus(
          record::kAlreadyExists, "ALTERNATE_KEY",
          "Another record of " + type.collection + " has the same " + index.name + ".",
          {{"field", index.name}});
    }
    staged.entered.push_back({slot_, type.number, index.number, std::move(entered)});
  }
  EnterWakes(type, before, *after, &staged);
  written_[staged.key] = std::move(after);
  staged_.push_back(std::move(staged));
  return {};
}

void Transaction::EnterWakes(const record::RecordType& type, std::string_view before,
                             std::string_view after, Staged* staged) const {
  if (type.annotation.wake().empty()) return;
  const auto was = store::WakeTimesOf(type, before);
  const auto is = store::WakeTimesOf(type, after);
  for (size_t i = 0; i < was.size(); ++i) {
    if (was[i] == is[i]) continue;
    const auto field = static_cast<uint16_t>(i);
    const record::Uuid& id = staged->key.id;
    if (was[i] != 0) staged->wakes_left.push_back({slot_, was[i], type.number, field, id});
    if (is[i] != 0) staged->wakes_entered.push_back({slot_, is[i], type.number, field, id});
  }
}

record::Status Transaction::AddEvent(const record::RecordType& type, const record::Uuid& id,
                                     std::string event_type, std::string changed,
                                     std::string_view image) {
  log::Owner::NewEvent& event = events_.emplace_back();
  log::Envelope& envelope = event.envelope;
  envelope.set_id(std::string(NewId().Bytes()));
  envelope.set_source(context_.source);
  envelope.set_type(std::move(event_type));
  envelope.set_subject(type.collection + "/" + id.Text());
  envelope.set_time_us(time_);
  envelope.set_dataschema(context_.dataschema);
  envelope.set_traceparent(command_.traceparent);
  envelope.set_tenant(command_.principal.tenant);
  envelope.set_actor(command_.principal.user);
  envelope.set_on_behalf_of(command_.principal.on_behalf_of);
  envelope.set_client(command_.principal.client);
  envelope.set_command(std::string(command_id_.Bytes()));
  envelope.set_changed(std::move(changed));
  envelope.set_cause(command_.cause);
  if (!image.empty()) record::AppendBytesField(type.number, image, &event.value);
  bytes_ += event.value.size() + 512;
  if (events_.size() > context_.limits.commit_events || bytes_ > context_.limits.commit_bytes) {
    return record::MakeStatus(record::kFailedPrecondition, "TOO_MANY_CHANGES",
                              "One command changes at most " +
                                  std::to_string(context_.limits.commit_events) + " records and " +
                                  std::to_string(context_.limits.commit_bytes) + " bytes.");
  }
  return {};
}

record::Status Transaction::Stage(const record::RecordType& type, const record::Uuid& id,
                                  std::string_view before, std::string after,
                                  std::string_view event, uint64_t etag) {
  record::ImageEdit edit(after);
  edit.SetText(record::kEtag, std::to_string(etag));
  edit.SetTime(record::kUpdateTime, time_);
  edit.SetText(record::kUpdateUser, command_.principal.user);
  if (etag == 1) {
    edit.SetText(record::kName, type.collection + "/" + id.Text());
    edit.SetTime(record::kCreateTime, time_);
    edit.SetText(record::kCreateUser, command_.principal.user);
  }
  auto image = std::make_shared<const std::string>(edit.Build());
  if (image->size() > context_.limits.record_bytes) {
    return record::MakeStatus(record::kInvalidArgument, "RECORD_TOO_LARGE",
                              "A record has at most " +
                                  std::to_string(context_.limits.record_bytes) +
                                  " bytes; this one has " + std::to_string(image->size()) + ".");
  }
  record::Status status = CheckStatusFollows(type, before, *image, *this);
  if (status.code() != record::kOk) return status;
  std::string changed =
      before.empty() ? "" : JoinPaths(record::ChangedPaths(*type.message, before, *image));
  status = Enter(type, id, before, image);
  if (status.code() != record::kOk) return status;
  return AddEvent(type, id, type.EventType(event), std::move(changed), *image);
}

record::Status Transaction::StageDelete(const record::RecordType& type, const record::Uuid& id,
                                        std::string_view before) {
  record::Status status = Enter(type, id, before, std::make_shared<const std::string>());
  if (status.code() != record::kOk) return status;
  return AddEvent(type, id, type.EventType("deleted"), "", "");
}

std::vector<std::pair<std::string, std::string>> Transaction::EventNames() const {
  std::vector<std::pair<std::string, std::string>> names;
  for (const auto& event : events_)
    names.emplace_back(event.envelope.type(), event.envelope.subject());
  return names;
}

}  // namespace crm::shard
