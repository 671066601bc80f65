#include <gtest/gtest.h>

#include "libs/store/example_model.h"

// Lists as of past positions: every position of small histories, where a mistake about an
// interval's ends or its place in the tree shows.
namespace crm::store {
namespace {

const record::Index& ByRating() {
  const auto& leads = example::Type("leads");
  return *leads.FindIndex("state,rating");
}

example::Draft Rated(record::Uuid id, int rating) {
  sales::v1::Lead lead;
  lead.set_state(sales::v1::Lead::STATE_OPEN);
  lead.set_rating(static_cast<sales::v1::Lead::Rating>(rating));
  return example::Of(lead, id);
}

IndexRange Whole() { return {1, example::Type("leads").number, ByRating().number, "", "", false}; }

// The list at each position from `first` on equals the model's.
void ExpectEveryPosition(const example::Commits& commits, const View& view, int64_t first) {
  const example::Model model(commits.all());
  for (int64_t at = first; at < view.applied() + 3; ++at) {
    const auto expected = model.Index("acme", example::Type("leads"), ByRating(), at);
    ASSERT_EQ(example::Keys(view.Scan(Whole(), at)), expected) << at;
    auto reverse = Whole();
    reverse.reverse = true;
    const std::vector<std::string> reversed(expected.rbegin(), expected.rend());
    ASSERT_EQ(example::Keys(view.Scan(reverse, at)), reversed) << at;
  }
}

TEST(PastIndex, EveryIntervalAtEveryPosition) {
  // Each lead is hot in [from, to), so each short interval occurs.
  example::Commits commits(0);
  constexpr int kEnd = 17;
  std::vector<std::vector<example::Draft>> at(kEnd + 1);
  for (int from = 0; from < kEnd; ++from) {
    for (int to = from + 1; to <= kEnd; ++to) {
      const auto id = example::Id(static_cast<uint64_t>(from * kEnd + to));
      at[static_cast<size_t>(from)].push_back(Rated(id, sales::v1::Lead::RATING_HOT));
      at[static_cast<size_t>(to)].push_back(Rated(id, sales::v1::Lead::RATING_COLD));
    }
  }
  for (const auto& drafts : at) commits.Add("acme", drafts);
  const auto store = example::Open(Disk::InMemory());
  commits.ApplyTo(*store);
  ExpectEveryPosition(commits, store->latest(), 0);
}

TEST(PastIndex, AroundPowersOfTwo) {
  for (const int64_t base : {int64_t{1} << 10, int64_t{1} << 31, int64_t{1} << 40}) {
    example::Commits commits(base - 20);
    for (int i = 0; i < 40; ++i) {
      commits.Add("acme",
                  {Rated(example::Id(static_cast<uint64_t>(i % 3)), 2 + i % 2 + i % 5 / 4)});
    }
    const auto store = example::Open(Disk::InMemory());
    commits.ApplyTo(*store);
    ExpectEveryPosition(commits, store->latest(), base - 25);
  }
}

TEST(PastIndex, ComeAndGoneWithinACommitWasNeverThere) {
  example::Commits commits;
  const auto id = example::Id(1);
  commits.Add("acme", {Rated(id, sales::v1::Lead::RATING_WARM)});
  commits.Add("acme",
              {Rated(id, sales::v1::Lead::RATING_HOT), Rated(id, sales::v1::Lead::RATING_COLD),
               example::Deleted("leads", id), Rated(id, sales::v1::Lead::RATING_WARM)});
  commits.Add("acme", {Rated(id, sales::v1::Lead::RATING_COLD)});
  const auto store = example::Open(Disk::InMemory());
  commits.ApplyTo(*store);
  ExpectEveryPosition(commits, store->latest(), 0);
}

TEST(PastIndex, DeletedAndBroughtBack) {
  example::Commits commits;
  const auto id = example::Id(1);
  const auto created = commits.Add("acme", {Rated(id, sales::v1::Lead::RATING_HOT)});
  const auto deleted = commits.Add("acme", {example::Deleted("leads", id)});
  const auto undeleted = commits.Add("acme", {Rated(id, sales::v1::Lead::RATING_HOT)});
  commits.Add("acme", {Rated(example::Id(2), sales::v1::Lead::RATING_HOT)});
  const auto store = example::Open(Disk::InMemory());
  commits.ApplyTo(*store, 1);
  const auto size = [&](int64_t at) {
    return example::Keys(store->latest().Scan(Whole(), at)).size();
  };
  EXPECT_EQ(size(created - 1), 0u);
  EXPECT_EQ(size(created), 1u);
  EXPECT_EQ(size(deleted), 0u);
  EXPECT_EQ(size(undeleted), 1u);
  EXPECT_EQ(size(kNow), 2u);
}

TEST(PastIndex, SurvivesFlushesAndRestarts) {
  const auto disk = Disk::InMemory();
  example::Commits commits;
  for (int i = 0; i < 60; ++i) {
    commits.Add("acme", {Rated(example::Id(static_cast<uint64_t>(i % 7)), 2 + i % 3)});
    const auto store = example::Open(disk);
    commits.ApplyTo(*store);
    if (i % 4 == 0) store->Flush();
  }
  const auto store = example::Open(disk);
  commits.ApplyTo(*store);
  ExpectEveryPosition(commits, store->latest(), 0);
}

}  // namespace
}  // namespace crm::store
