#include "libs/shard/merge_history.h"

#include <algorithm>

#include "libs/record/check.h"
#include "libs/record/spans.h"
#include "libs/shard/past_commit.h"

namespace crm::shard {

MergeHistory::MergeHistory(const record::RecordType& type, const record::Uuid& id,
                           const Transaction& tx)
    : tx_(tx), name_(type.collection + "/" + id.Text()) {
  const store::RecordKey key{*tx.tenant_number(), type.number, id};
  FindParts(type, key);
  if (parts_.empty()) return;
  closing_ = parts_.front().event;
  master_ = record::Spans::Read(ImageOf(closing_))->Text(type.Find("master")->number);
  for (const log::Stored& event : CommitOf(tx.view(), key.tenant, closing_)) {
    if (EnvelopeOf(event).subject() == master_) filling_ = event;
  }
  CRM_CHECK(filling_.body);
}

void MergeHistory::FindParts(const record::RecordType& type, const store::RecordKey& key) {
  constexpr size_t kPage = 100;
  const uint32_t master = type.Find("master")->number;
  const record::Field* count = type.Find("moving_count");
  std::vector<log::Stored> steps;  // newest first
  for (int64_t before = store::kNow;;) {
    const auto page = tx_.view().History(key, before, kPage);
    for (const log::Stored& event : page) {
      const std::string what = EnvelopeOf(event).type();
      const bool closes = what == type.EventType("merged");
      const bool goes_on =
          what == type.EventType("merge_continued") || what == type.EventType("merge_ended");
      if (goes_on) steps.push_back(event);
      // As a master of an earlier merge it named none.
      if (!closes || !record::Spans::Read(ImageOf(event))->Has(master)) continue;
      steps.push_back(event);
      int so_far = 0;
      for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
        parts_.push_back({*step, so_far});
        if (count != nullptr)
          so_far = static_cast<int>(record::Spans::Read(ImageOf(*step))->Integer(count->number));
      }
      return;
    }
    if (page.size() < kPage) return;
    before = page.back().offset;
  }
}

std::vector<log::Stored> MergeHistory::OthersOf(const Part& part) const {
  std::vector<log::Stored> others;
  for (const log::Stored& event : CommitOf(tx_.view(), *tx_.tenant_number(), part.event)) {
    const std::string subject = EnvelopeOf(event).subject();
    if (subject != name_ && subject != master_) others.push_back(event);
  }
  return others;
}

std::vector<log::Stored> MergeHistory::Others(int from) const {
  auto part = std::upper_bound(parts_.begin(), parts_.end(), from,
                               [](int at, const Part& each) { return at < each.before; });
  CRM_CHECK(part != parts_.begin());
  for (--part; part != parts_.end(); ++part) {
    std::vector<log::Stored> others = OthersOf(*part);
    const auto passed = static_cast<size_t>(std::max(from - part->before, 0));
    if (passed >= others.size()) continue;
    others.erase(others.begin(), others.begin() + static_cast<ptrdiff_t>(passed));
    return others;
  }
  return {};
}

}  // namespace crm::shard
