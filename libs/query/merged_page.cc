#include "libs/query/merged_page.h"

#include <algorithm>
#include <map>

#include "libs/access/guard.h"
#include "libs/record/key.h"
#include "libs/record/name.h"
#include "libs/record/spans.h"

namespace crm::query {
namespace {

using record::RecordType;

// Images that are in memory at a time while keys are made of them.
constexpr size_t kReadAtOnce = 256;

// The first of some candidates, in the order of the plan's keys.
class Foremost {
 public:
  Foremost(bool reverse, size_t most) : reverse_(reverse), most_(most) {}

  // False where neither this one nor any behind it is among the first.
  bool Add(std::string key, const record::Uuid& id) {
    if (ids_.size() == most_ && !Before(key, Last()->first)) return false;
    ids_.emplace(std::move(key), id);
    if (ids_.size() > most_) ids_.erase(Last());
    return true;
  }
  std::vector<std::pair<std::string, record::Uuid>> InOrder() const {
    std::vector<std::pair<std::string, record::Uuid>> all(ids_.begin(), ids_.end());
    if (reverse_) std::reverse(all.begin(), all.end());
    return all;
  }

 private:
  using Ids = std::map<std::string, record::Uuid>;
  bool Before(const std::string& a, const std::string& b) const { return reverse_ ? a > b : a < b; }
  Ids::iterator Last() { return reverse_ ? ids_.begin() : std::prev(ids_.end()); }

  const bool reverse_;
  const size_t most_;
  Ids ids_;
};

class Merge {
 public:
  Merge(const Moment& moment, const RecordType& type, const Plan& plan, const Openers& openers)
      : moment_(moment), type_(type), plan_(plan) {
    for (const access::Party& owner : openers.owners) {
      owners_.insert(NameOf(owner));
      AddRange(NameOf(owner));
    }
    FindOthers(openers);
  }

  Page Read(const std::string& after, size_t size) const {
    Page page;
    std::string at = after;
    std::string last_key;
    while (true) {
      // One more than the page holds says that there is another page.
      const size_t wanted = size + 1 - page.images.size();
      const auto next = Next(at, wanted);
      std::vector<record::Uuid> ids;
      for (const auto& [key, id] : next) ids.push_back(id);
      auto images = ReadRecords(moment_, type_, ids);
      for (size_t i = 0; i < next.size(); ++i) {
        if (!images[i]) continue;
        if (page.images.size() == size) {
          page.last_key = last_key;
          return page;
        }
        page.images.push_back(std::move(*images[i]));
        last_key = next[i].first;
      }
      if (next.size() < wanted) return page;
      at = next.back().first;
    }
  }

  int64_t Count() const {
    int64_t total = 0;
    for (const Range& range : ranges_) {
      auto cursor = moment_.view.Scan(range.keys, moment_.as_of);
      for (; cursor->Valid(); cursor->Next()) {
        if (!moment_.hiding || ReadRecord(moment_, type_, cursor->id())) ++total;
      }
    }
    for (const Other& other : others_) {
      if (!owners_.contains(other.owner) && ReadRecord(moment_, type_, other.id)) ++total;
    }
    return total;
  }

 private:
  struct Range {
    store::IndexRange keys;
    size_t strip = 0;  // of a key's beginning; what is behind it is a key of the plan's index
  };
  struct Other {
    std::string key;
    record::Uuid id;
    std::string owner;
  };

  void AddRange(const std::string& owner) {
    const record::Index& index = *plan_.index;
    const RecordType& type = type_;
    const bool within = !BeginsWithOwner(index);
    if (within && index.by_owner < 0) return;
    const auto prefix = record::EncodeValue(*type.message->Find(record::kOwner), owner);
    if (!prefix) return;
    Range range;
    range.keys = {moment_.tenant, type.number, index.number, "", record::PrefixEnd(*prefix),
                  plan_.reverse};
    if (within) {
      range.strip = prefix->size();
      range.keys.index = static_cast<uint16_t>(index.by_owner);
      range.keys.from = *prefix + plan_.from;
      if (!plan_.to.empty()) range.keys.to = *prefix + plan_.to;
    } else {
      range.keys.from = std::max(*prefix, plan_.from);
      if (!plan_.to.empty()) range.keys.to = std::min(range.keys.to, plan_.to);
    }
    if (range.keys.from < range.keys.to) ranges_.push_back(std::move(range));
  }

  // Their keys are those of the whole images: a page token must not depend on who reads.
  void FindOthers(const Openers& openers) {
    Moment whole = moment_;
    whole.guard = nullptr;
    std::vector<record::Uuid> ids;
    for (auto at = openers.others.begin(); at != openers.others.end();) {
      ids.clear();
      for (; at != openers.others.end() && ids.size() < kReadAtOnce; ++at) ids.push_back(*at);
      const auto images = ReadRecords(whole, type_, ids);
      for (size_t i = 0; i < ids.size(); ++i) {
        if (images[i]) AddOther(ids[i], *images[i]);
      }
    }
  }

  void AddOther(const record::Uuid& id, const std::string& image) {
    const auto spans = record::Spans::Read(image);
    if (!spans) return;
    Other other{"", id, std::string(spans->Text(record::kOwner))};
    record::AppendIndexValues(*plan_.index, *spans, &other.key);
    other.key.append(id.Bytes());
    if (other.key < plan_.from || (!plan_.to.empty() && other.key >= plan_.to)) return;
    others_.push_back(std::move(other));
  }

  std::vector<std::pair<std::string, record::Uuid>> Next(const std::string& after,
                                                         size_t wanted) const {
    Foremost foremost(plan_.reverse, wanted);
    for (const Range& range : ranges_) {
      store::IndexRange keys = range.keys;
      if (!after.empty()) Continue(keys.from.substr(0, range.strip) + after, &keys);
      if (keys.from >= keys.to) continue;
      auto cursor = moment_.view.Scan(keys, moment_.as_of);
      for (; cursor->Valid(); cursor->Next()) {
        if (!foremost.Add(std::string(cursor->key().substr(range.strip)), cursor->id())) break;
      }
    }
    for (const Other& other : others_) {
      const bool behind = plan_.reverse ? other.key < after : other.key > after;
      if (after.empty() || behind) foremost.Add(other.key, other.id);
    }
    return foremost.InOrder();
  }

  void Continue(const std::string& after, store::IndexRange* keys) const {
    if (plan_.reverse) {
      keys->to = std::min(keys->to, after);
    } else {
      keys->from = std::max(keys->from, after + '\0');
    }
  }

  const Moment& moment_;
  const RecordType& type_;
  const Plan& plan_;
  std::set<std::string> owners_;
  std::vector<Range> ranges_;
  std::vector<Other> others_;
};

}  // namespace

bool MergesOwners(const Plan& plan) {
  return plan.index->by_owner >= 0 || BeginsWithOwner(*plan.index);
}

Page ReadMergedPage(const Moment& moment, const RecordType& type, const Plan& plan,
                    const Openers& openers, const std::string& after, size_t size, bool count) {
  const Merge merge(moment, type, plan, openers);
  Page page = merge.Read(after, size);
  if (count) page.total = merge.Count();
  return page;
}

}  // namespace crm::query
