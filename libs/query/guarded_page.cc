#include "libs/query/guarded_page.h"

#include <algorithm>

#include "libs/access/guard.h"
#include "libs/query/examined_page.h"
#include "libs/query/merged_page.h"

namespace crm::query {
namespace {

// Steps for finding what else than owners opens records.
constexpr size_t kMostOthers = 5'000;
// Records that are put in order at once, and those that are looked for in an index.
constexpr size_t kMostSorted = 20'000, kMostSought = 200'000;
// Records that are looked at before other ways are tried, for each one that the page may hold; and
// in all, where there are too many to be put in order.
constexpr size_t kPatience = 16, kLongPatience = 8'000;
// As many times that many are gathered without any look first, where they are likely to be few.
constexpr size_t kFew = 4;
// Entries of an index that are passed before a record is read and put in order instead.
constexpr size_t kEntriesForRecord = 2;

bool ReadsAll(const access::Subject& subject, const record::RecordType& type) {
  // Of what follows the record above it, it is that one's type that counts.
  if (type.annotation.ownership() == record::v1::Record::PARENT) return false;
  const auto index = subject.organization().FindType(type.number);
  return index != access::Organization::kNone &&
         subject.MostDepth(index, access::Right::kRead) == access::Depth::kOrganization;
}

// Whether it is likely that fewer records of all are looked at than ranges of single owners.
bool ReadsMany(const access::Subject& subject, const record::RecordType& type) {
  const access::Organization& organization = subject.organization();
  const size_t everybody = organization.users().size() + organization.teams().size();
  return !subject.ReadableOwners(type.number, std::max<size_t>(32, everybody / 8));
}

// One page, and the ways to it for who may read some records.
class Search {
 public:
  Search(const Moment& moment, const record::RecordType& type, const Plan& plan,
         const std::string& after, size_t size, bool count)
      : moment_(moment),
        type_(type),
        plan_(plan),
        after_(after),
        size_(size),
        count_(count),
        patience_(kPatience * (size + 1)) {}

  Page Read() {
    const bool many = ReadsMany(*moment_.guard->subject(), type_);
    const bool found = MergesOwners(plan_) && moment_.as_of == store::kNow
                           ? (many && Examine(patience_)) || Merge()
                           : (!many && SeekOrSort(kFew * patience_)) || Examine(patience_) ||
                                 SeekOrSort(kMostSorted) || Examine(kLongPatience) || Seek();
    if (!found) Examine(SIZE_MAX);
    if (!counted_ && count_) page_.total = CountExamined(moment_, type_, Range(""));
    return std::move(page_);
  }

 private:
  store::IndexRange Range(const std::string& after) const {
    return RangeOf(moment_, type_, plan_, after);
  }
  using Ids = std::vector<record::Uuid>;

  // One record after the other. Counting them that way is the last resort.
  bool Examine(size_t most) {
    if (count_ && most != SIZE_MAX) return false;
    return ReadExaminedPage(moment_, type_, Range(after_), size_, most, &page_);
  }

  // The ranges of the owners, and others put in order among them.
  bool Merge() {
    const auto openers = FindOpeners(moment_, type_, kMostOthers);
    return IsWhole() && openers && Order(*openers);
  }

  // What comes into question is looked for in the index: it may stand near the beginning. Else, and
  // where it is little, it is read and put in order.
  bool SeekOrSort(size_t most) {
    auto ids = Candidates(most);
    if (!ids) return false;
    const bool little = count_ || ids->size() <= patience_;
    return (!little && SeekAmong(*ids, ids->size() * kEntriesForRecord)) ||
           Order({{}, std::move(*ids)});
  }

  bool Seek() {
    const auto ids = count_ ? std::nullopt : Candidates(kMostSought);
    return ids && SeekAmong(*ids, SIZE_MAX);
  }

  bool SeekAmong(const Ids& ids, size_t most) {
    return ReadExaminedPage(moment_, type_, Range(after_), size_, most, &page_, &ids);
  }

  std::optional<Ids> Candidates(size_t most) const {
    const auto openers = FindOpeners(moment_, type_, std::min(most, kMostOthers));
    auto ids = openers ? FindCandidates(moment_, type_, *openers, most) : std::nullopt;
    return IsWhole() ? std::move(ids) : std::nullopt;
  }

  bool Order(const Openers& openers) {
    page_ = ReadMergedPage(moment_, type_, plan_, openers, after_, size_, count_);
    counted_ = IsWhole();
    if (!counted_) page_ = {};
    return counted_;
  }

  // An index that is still being built gave nothing; others may do.
  bool IsWhole() const { return moment_.view.TakeMissing().empty(); }

  const Moment& moment_;
  const record::RecordType& type_;
  const Plan& plan_;
  const std::string& after_;
  const size_t size_;
  const bool count_;
  const size_t patience_;
  Page page_;
  bool counted_ = false;
};

}  // namespace

Page ReadGuardedPage(const Moment& moment, const record::RecordType& type, const Plan& plan,
                     const std::string& after, size_t size, bool count) {
  if (!ReadsAll(*moment.guard->subject(), type))
    return Search(moment, type, plan, after, size, count).Read();
  Page page;
  ReadExaminedPage(moment, type, RangeOf(moment, type, plan, after), size, SIZE_MAX, &page);
  if (count) page.total = CountAll(moment, type, plan);
  return page;
}

}  // namespace crm::query
