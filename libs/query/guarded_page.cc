#include "libs/query/guarded_page.h"

#include "libs/access/guard.h"

namespace crm::query {
namespace {

constexpr size_t kAtOnce = 128;
constexpr size_t kMostExamined = 200'000;

struct Candidate {
  record::Uuid id;
  std::string key;
};

// What the caller may read of the next candidates of a range.
class Sieve {
 public:
  Sieve(const Moment& moment, const record::RecordType& type, const store::IndexRange& range)
      : moment_(moment), type_(type), cursor_(moment.view.Scan(range, moment.as_of)) {}

  // The next record that may be read; nullopt at the end, or where too many were looked at.
  std::optional<std::pair<std::string, std::string>> Next() {
    while (true) {
      for (; at_ < candidates_.size(); ++at_) {
        auto image = ReadRecord(moment_, type_, candidates_[at_].id);
        if (image) return std::pair(std::move(*image), candidates_[at_++].key);
      }
      if (!Refill()) return std::nullopt;
    }
  }
  bool too_many() const { return examined_ > kMostExamined; }

 private:
  bool Refill() {
    candidates_.clear();
    at_ = 0;
    for (; cursor_->Valid() && candidates_.size() < kAtOnce; cursor_->Next())
      candidates_.push_back({cursor_->id(), std::string(cursor_->key())});
    examined_ += candidates_.size();
    return !candidates_.empty() && !too_many();
  }

  const Moment& moment_;
  const record::RecordType& type_;
  std::unique_ptr<store::IndexCursor> cursor_;
  std::vector<Candidate> candidates_;
  size_t at_ = 0;
  size_t examined_ = 0;
};

record::Status TooMany(const record::RecordType& type) {
  return record::MakeStatus(record::kFailedPrecondition, "TOO_MANY_EXAMINED",
                            "Of more than " + std::to_string(kMostExamined) + " " +
                                type.collection +
                                " too few may be read; a filter that selects fewer is needed.",
                            {{"collection", type.collection}});
}

}  // namespace

record::Status ReadGuardedPage(const Moment& moment, const record::RecordType& type,
                               const store::IndexRange& range, const store::IndexRange& whole,
                               size_t size, bool count, Page* page) {
  Sieve sieve(moment, type, range);
  std::string last_key;
  while (auto next = sieve.Next()) {
    // One more than the page holds says that there is another page.
    if (page->images.size() == size) {
      page->last_key = last_key;
      break;
    }
    page->images.push_back(std::move(next->first));
    last_key = std::move(next->second);
  }
  if (sieve.too_many()) return TooMany(type);
  if (!count) return {};
  Sieve all(moment, type, whole);
  while (all.Next()) ++page->total;
  return all.too_many() ? TooMany(type) : record::Status();
}

}  // namespace crm::query
