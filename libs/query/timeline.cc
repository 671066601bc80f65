#include "libs/query/timeline.h"

#include <algorithm>
#include <queue>
#include <set>

#include "libs/record/image.h"
#include "libs/record/key.h"
#include "libs/record/key_bytes.h"
#include "libs/record/name.h"

namespace crm::query {
namespace {

constexpr char kSet = 2;  // of record/key.h's grammar
constexpr size_t kMostParents = 1'000;
constexpr int kMostSteps = 3;

// The index by the record and then a time; activities say their time themselves.
const record::Index* ByTime(const record::RecordType& type, std::string_view reference) {
  for (std::string_view time : {"activity_time", "create_time"}) {
    if (const auto* index = type.FindIndex(std::string(reference) + "," + std::string(time)))
      return index;
  }
  return nullptr;
}

record::Field NameField() {
  record::Field field;
  field.kind = record::Kind::kReference;
  return field;
}

std::string NameKey(const std::string& name) {
  static const record::Field kField = NameField();
  return *record::EncodeValue(kField, name);
}

// The ids that an index has for exactly these first values.
std::vector<record::Uuid> IdsBy(const Moment& moment, const record::RecordType& type,
                                const record::Index& index, const std::string& values,
                                size_t most) {
  std::vector<record::Uuid> ids;
  const store::IndexRange range{
      moment.tenant, type.number, index.number, values, record::PrefixEnd(values), false};
  for (auto cursor = moment.view.Scan(range); cursor->Valid() && ids.size() < most; cursor->Next())
    ids.push_back(cursor->id());
  return ids;
}

void AddAttached(const record::RecordType& type, const std::string& name,
                 std::vector<TimelineSource>* sources) {
  for (const record::Referrer& referrer : type.referrers) {
    if (referrer.field->number != record::kRegarding) continue;
    if (const record::Index* index = ByTime(*referrer.from, "regarding"))
      sources->push_back({referrer.from, index, name, NameKey(name)});
  }
}

struct Parent {
  const record::RecordType* type;
  record::Uuid id;
  int steps;
};

void AddOrigin(const Moment& moment, const record::Catalogue& catalogue,
               const record::RecordType& type, const record::Uuid& id,
               std::vector<TimelineSource>* sources) {
  const record::Field* origin = type.Find("originating_lead");
  auto image = origin == nullptr ? std::nullopt : ReadRecord(moment, type, id);
  if (!image) return;
  const std::string lead(record::TextIn(*image, origin->number));
  auto name = record::Name::Parse(lead);
  const record::RecordType* of = name ? catalogue.FindType(name->collection) : nullptr;
  if (of != nullptr) AddAttached(*of, lead, sources);
}

// One source's entries between two keys.
class Cursor {
 public:
  Cursor(const Moment& moment, const TimelineSource& source, const std::string& from,
         const std::string& to, bool descending)
      : source_(source) {
    const std::string& prefix = source.prefix;
    entries_ =
        moment.view.Scan({moment.tenant, source.type->number, source.index->number,
                          prefix + (from.empty() ? std::string(1, kSet) : from),
                          prefix + (to.empty() ? std::string(1, kSet + 1) : to), descending});
  }
  bool Valid() const { return entries_->Valid(); }
  void Next() { entries_->Next(); }
  std::string_view key() const { return entries_->key().substr(source_.prefix.size()); }
  record::Uuid id() const { return entries_->id(); }
  const TimelineSource& source() const { return source_; }

 private:
  const TimelineSource& source_;
  std::unique_ptr<store::IndexCursor> entries_;
};

int64_t TimeIn(std::string_view key) {
  constexpr size_t kBytes = 8;
  uint64_t bits = 0;
  for (size_t i = 1; i <= kBytes && i < key.size(); ++i)
    bits = bits << 8 | static_cast<uint8_t>(key[i]);
  return static_cast<int64_t>(bits ^ 1ULL << 63);
}

// Keys to read, and in which order.
struct Stretch {
  std::string from;
  std::string to;
  bool descending;
};

std::vector<TimelineItem> ReadMerged(const Moment& moment,
                                     const std::vector<TimelineSource>& sources,
                                     const Stretch& stretch, size_t size) {
  std::vector<Cursor> cursors;
  cursors.reserve(sources.size());
  for (const TimelineSource& source : sources)
    cursors.emplace_back(moment, source, stretch.from, stretch.to, stretch.descending);
  auto later = [&](size_t a, size_t b) {
    return stretch.descending ? cursors[a].key() < cursors[b].key()
                              : cursors[b].key() < cursors[a].key();
  };
  std::priority_queue<size_t, std::vector<size_t>, decltype(later)> first(later);
  for (size_t i = 0; i < cursors.size(); ++i) {
    if (cursors[i].Valid()) first.push(i);
  }
  std::vector<TimelineItem> items;
  while (!first.empty() && items.size() < size) {
    const size_t next = first.top();
    first.pop();
    Cursor& cursor = cursors[next];
    // A post that is found twice, by its author and by what it is about, is shown once.
    const bool shown = !items.empty() && items.back().key == cursor.key();
    auto image = shown ? std::nullopt : ReadRecord(moment, *cursor.source().type, cursor.id());
    if (image) {
      items.push_back({std::string(cursor.key()), TimeIn(cursor.key()), cursor.source().via,
                       cursor.source().type, std::move(*image)});
    }
    cursor.Next();
    if (cursor.Valid()) first.push(next);
  }
  return items;
}

}  // namespace

std::vector<TimelineSource> SourcesOf(const Moment& moment, const record::Catalogue& catalogue,
                                      const record::RecordType& type, const record::Uuid& id,
                                      bool only_own, bool* truncated) {
  std::vector<TimelineSource> sources;
  std::vector<Parent> parents{{&type, id, 0}};
  std::set<std::string> seen{type.collection + "/" + id.Text()};
  for (size_t at = 0; at < parents.size(); ++at) {
    const Parent parent = parents[at];
    const std::string name = parent.type->collection + "/" + parent.id.Text();
    AddAttached(*parent.type, name, &sources);
    if (only_own || parent.steps == kMostSteps) continue;
    for (const record::Referrer& referrer : parent.type->referrers) {
      if (!referrer.field->annotation.reference().timeline()) continue;
      for (const record::Uuid& child :
           IdsBy(moment, *referrer.from, *referrer.index, NameKey(name), kMostParents + 1)) {
        if (!seen.insert(referrer.from->collection + "/" + child.Text()).second) continue;
        if (parents.size() == kMostParents) {
          *truncated = true;
          break;
        }
        parents.push_back({referrer.from, child, parent.steps + 1});
      }
    }
  }
  if (!only_own) AddOrigin(moment, catalogue, type, id, &sources);
  return sources;
}

std::vector<TimelineSource> FeedOf(const Moment& moment, const record::Catalogue& catalogue,
                                   const std::string& user, bool* truncated) {
  std::vector<TimelineSource> sources;
  const record::RecordType* follows = catalogue.FindType("follows");
  const record::RecordType* posts = catalogue.FindType("posts");
  if (follows == nullptr || posts == nullptr) return sources;
  const record::Index* by_owner = follows->FindIndex("owner,record");
  auto ids = IdsBy(moment, *follows, *by_owner, NameKey(user), kMostParents + 1);
  *truncated = ids.size() > kMostParents;
  for (const record::Uuid& id : ids) {
    auto image = ReadRecord(moment, *follows, id);
    if (!image) continue;
    const std::string followed(record::TextIn(*image, follows->Find("record")->number));
    sources.push_back({posts, ByTime(*posts, "regarding"), followed, NameKey(followed)});
    if (followed.starts_with("users/"))
      sources.push_back({posts, ByTime(*posts, "create_user"), followed, NameKey(followed)});
  }
  return sources;
}

std::string TimelineKey(int64_t time_us, std::string_view id) {
  std::string key(1, kSet);
  record::AppendFixed(time_us, &key);
  return key.append(id);
}

std::vector<TimelineItem> ReadTimeline(const Moment& moment,
                                       const std::vector<TimelineSource>& sources,
                                       const std::string& before, size_t size) {
  return ReadMerged(moment, sources, {"", before, true}, size);
}

std::vector<TimelineSource> AgendaOf(const record::Catalogue& catalogue, const std::string& user) {
  std::vector<TimelineSource> sources;
  for (const record::RecordType* type : catalogue.Types()) {
    const record::Index* index = type->FindIndex("owner,state,scheduled_end_time");
    if (index == nullptr) continue;
    const record::Field& state = *type->message->Find(record::kState);
    for (const char* open : {"STATE_OPEN", "STATE_SCHEDULED"}) {
      auto key = record::EncodeValue(state, open);
      if (key) sources.push_back({type, index, user, NameKey(user) + *key});
    }
  }
  return sources;
}

std::vector<TimelineItem> ReadAgenda(const Moment& moment,
                                     const std::vector<TimelineSource>& sources,
                                     const std::string& after, const std::string& until,
                                     size_t size) {
  // The first key above it: a key goes on with nothing but itself.
  return ReadMerged(moment, sources, {after.empty() ? "" : after + '\0', until, false}, size);
}

}  // namespace crm::query
