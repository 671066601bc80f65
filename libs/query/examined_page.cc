#include "libs/query/examined_page.h"

#include <algorithm>

namespace crm::query {
namespace {

// Records are read while no cursor stands, so that none is kept for long.
constexpr size_t kAtOnce = 128;

// What the caller may read of the next candidates of a range.
class Sieve {
 public:
  Sieve(const Moment& moment, const record::RecordType& type, const store::IndexRange& range,
        size_t at_once, size_t most, const std::vector<record::Uuid>* among)
      : moment_(moment),
        type_(type),
        at_once_(at_once),
        most_(most),
        among_(among),
        cursor_(moment.view.Scan(range, moment.as_of)) {}

  // The next record that may be read; nullopt at the end, or where enough were looked at.
  std::optional<std::pair<std::string, std::string>> Next() {
    while (true) {
      for (; at_ < images_.size(); ++at_) {
        if (!images_[at_]) continue;
        std::pair next(std::move(*images_[at_]), std::move(keys_[at_]));
        ++at_;
        return next;
      }
      if (!Refill()) return std::nullopt;
    }
  }
  bool gave_up() const { return gave_up_; }

 private:
  bool Refill() {
    std::vector<record::Uuid> ids;
    keys_.clear();
    at_ = 0;
    for (; cursor_->Valid() && passed_ < most_ && ids.size() < at_once_; cursor_->Next()) {
      ++passed_;
      if (!IsAmong(cursor_->id())) continue;
      ids.push_back(cursor_->id());
      keys_.emplace_back(cursor_->key());
    }
    gave_up_ = ids.empty() && cursor_->Valid();
    images_ = ReadRecords(moment_, type_, ids);
    return !ids.empty();
  }
  bool IsAmong(const record::Uuid& id) const {
    return among_ == nullptr || std::binary_search(among_->begin(), among_->end(), id);
  }

  const Moment& moment_;
  const record::RecordType& type_;
  const size_t at_once_;
  const size_t most_;
  const std::vector<record::Uuid>* const among_;
  std::unique_ptr<store::IndexCursor> cursor_;
  // Of the candidates: nullopt where one may not be read.
  std::vector<std::optional<std::string>> images_;
  std::vector<std::string> keys_;
  size_t at_ = 0;
  size_t passed_ = 0;
  bool gave_up_ = false;
};

}  // namespace

bool ReadExaminedPage(const Moment& moment, const record::RecordType& type,
                      const store::IndexRange& range, size_t size, size_t most, Page* page,
                      const std::vector<record::Uuid>* among) {
  Sieve sieve(moment, type, range, std::min(size + 1, kAtOnce), most, among);
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
  if (sieve.gave_up()) *page = {};
  return !sieve.gave_up();
}

int64_t CountExamined(const Moment& moment, const record::RecordType& type,
                      const store::IndexRange& range) {
  int64_t total = 0;
  Sieve all(moment, type, range, kAtOnce, SIZE_MAX, nullptr);
  while (all.Next()) ++total;
  return total;
}

}  // namespace crm::query
