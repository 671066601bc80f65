#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "libs/log/conformance_fixture.h"

// What every implementation of the log must do; a test program instantiates LogConformance with
// its implementations.
namespace crm::log {

TEST_P(LogConformance, WhatIsSentIsReportedAndRead) {
  auto producer = NewProducer(1);
  producer->Send(Messages(1, 3));
  const auto reports = AwaitReports(*producer, 3);
  ASSERT_EQ(reports.size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(reports[i].seq, i + 1);
    EXPECT_EQ(reports[i].outcome, Report::Outcome::kWritten);
    EXPECT_EQ(reports[i].offset, static_cast<int64_t>(i));
  }
  EXPECT_EQ(Told(log().End(1)), 3);
  EXPECT_EQ(Told(log().End(0)), 0);
  const auto read = log().Read(1, 0, 1 << 20);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 3u);
  EXPECT_EQ(read->at(2).offset, 2);
  EXPECT_EQ(*read->at(2).body, Body(3));
  EXPECT_TRUE(Told(log().Read(0, 0, 1 << 20)).empty());
}

TEST_P(LogConformance, ReadsComeInPieces) {
  auto producer = NewProducer(0);
  producer->Send(Messages(1, 100));
  AwaitReports(*producer, 100);
  int64_t next = 0;
  int pieces = 0;
  while (next < 100) {
    const auto read = log().Read(0, next, 300);
    ASSERT_TRUE(read);
    ASSERT_FALSE(read->empty());
    for (const Stored& message : *read) {
      EXPECT_EQ(message.offset, next++);
      EXPECT_EQ(*message.body, Body(static_cast<uint64_t>(next)));
    }
    ++pieces;
  }
  EXPECT_GT(pieces, 10);
  EXPECT_TRUE(Told(log().Read(0, 100, 300)).empty());
}

TEST_P(LogConformance, ReadingBehindTheEndIsRefusedForGood) {
  const auto read = log().Read(0, 1, 50);
  ASSERT_FALSE(read);
  EXPECT_FALSE(read.error().retry);
}

TEST_P(LogConformance, ReopeningKeepsWhatWasReported) {
  {
    auto producer = NewProducer(0);
    producer->Send(Messages(1, 50));
    AwaitReports(*producer, 50);
  }
  implementation_->Reopen();
  EXPECT_EQ(Told(log().End(0)), 50);
  auto producer = NewProducer(0);
  producer->Send(Messages(51, 1));
  const auto reports = AwaitReports(*producer, 1);
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(reports[0].offset, 50);
  const auto read = log().Read(0, 49, 1 << 20);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 2u);
  EXPECT_EQ(*read->front().body, Body(50));
}

TEST_P(LogConformance, AProducerThatIsGoneIsNotWoken) {
  for (int i = 0; i < 20; ++i) {
    auto alive = std::make_shared<bool>(true);
    auto producer = log().NewProducer(0, [this, alive] {
      EXPECT_TRUE(*alive);
      implementation_->Wake();
    });
    producer->Send(Messages(1, 3));
    producer.reset();
    *alive = false;
  }
  auto producer = NewProducer(0);
  producer->Send(Messages(1, 1));
  const auto reports = AwaitReports(*producer, 1);
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(Told(log().End(0)), reports[0].offset + 1);
}

TEST_P(LogConformance, AnOwnerClaimsAppendsAndConfirms) {
  MemoryProjection projection;
  auto owner = NewOwner(projection);
  EXPECT_EQ(owner->role(), Owner::Role::kStandby);
  Fill(*owner, 3);
  EXPECT_EQ(owner->state().claim, 1u);
  EXPECT_TRUE(owner->lease().Valid(clock_.Boottime()));
  ASSERT_EQ(projection.commits.size(), 3u);
  EXPECT_EQ(projection.commits[2].size(), 3u);
  EXPECT_EQ(projection.saved.back().state, owner->state());
  EXPECT_EQ(owner->bytes_under_way(), 0u);
}

TEST_P(LogConformance, PipelinedCommitsAreConfirmedInOrder) {
  MemoryProjection projection;
  auto owner = NewOwner(projection);
  Fill(*owner, 1);
  uint64_t last = 0;
  for (int group = 0; group < 50; ++group) {
    for (int i = 0; i < 4; ++i) last = owner->Append(Events(2, "x"));
    owner->Flush();
    const uint64_t before = owner->confirmed();
    owner->Step();
    EXPECT_GE(owner->confirmed(), before);
  }
  ASSERT_TRUE(Await({owner.get()}, [&] { return owner->confirmed() == last; }));
  EXPECT_EQ(projection.commits.size(), 201u);
}

TEST_P(LogConformance, ACommitOfAThousandEventsIsOne) {
  MemoryProjection projection;
  auto owner = NewOwner(projection, 1000);
  Fill(*owner, 1);
  const uint64_t ticket = owner->Append(Events(1000, std::string(100, 'x')));
  owner->Flush();
  ASSERT_TRUE(Await({owner.get()}, [&] { return owner->confirmed() == ticket; }));
  ASSERT_EQ(projection.commits.size(), 2u);
  EXPECT_EQ(projection.commits[1].size(), 1000u);
}

TEST_P(LogConformance, AHandOverIsReleasedAndNeedsNoWait) {
  MemoryProjection first, second;
  auto old = NewOwner(first);
  Fill(*old, 2);
  old->Assign(false);
  ASSERT_TRUE(AwaitRole(*old, Owner::Role::kStandby));
  EXPECT_TRUE(old->state().released);
  EXPECT_FALSE(old->lease().Valid(clock_.Boottime()));
  old.reset();
  auto fresh = NewOwner(second);
  fresh->Assign(true);
  ASSERT_TRUE(AwaitRole(*fresh, Owner::Role::kOwner));
  EXPECT_TRUE(fresh->state().predecessor_released);
  EXPECT_TRUE(fresh->lease().Valid(clock_.Boottime()));
  EXPECT_EQ(second.commits, first.commits);
}

TEST_P(LogConformance, ASecondOwnerDeposesTheFirst) {
  if (log().exclusive()) return;  // nobody else can have it open
  MemoryProjection first, second;
  auto old = NewOwner(first);
  Fill(*old, 2);
  auto fresh = NewOwner(second);
  Fill(*fresh, 1);
  ASSERT_EQ(old->role(), Owner::Role::kOwner);
  const uint64_t epoch = old->epoch();
  const uint64_t ticket = old->Append(Events(1, "too late"));
  old->Flush();
  ASSERT_TRUE(AwaitRole(*old, Owner::Role::kStandby));
  EXPECT_GT(old->epoch(), epoch);
  EXPECT_LT(old->confirmed(), ticket);
  ASSERT_TRUE(Await({old.get(), fresh.get()},
                    [&] { return first.commits.size() == second.commits.size(); }));
  EXPECT_EQ(first.commits, second.commits);
  EXPECT_EQ(first.commits.size(), 3u);
}

TEST_P(LogConformance, EveryReaderEndsInTheSameState) {
  MemoryProjection own;
  auto owner = NewOwner(own);
  Fill(*owner, 10);
  for (const size_t read_bytes : {1, 500, 1 << 20}) {
    MemoryProjection other;
    auto reader = NewOwner(other, read_bytes);
    ASSERT_TRUE(Await({reader.get()}, [&] { return reader->state() == owner->state(); }));
    EXPECT_EQ(other.commits, own.commits);
    EXPECT_EQ(other.saved.back().state, own.saved.back().state);
  }
}

TEST_P(LogConformance, ARestartAtEverySavedPositionGivesTheSame) {
  MemoryProjection whole;
  auto owner = NewOwner(whole, 200);
  Fill(*owner, 8);
  for (size_t i = 0; i < whole.saved.size(); ++i) {
    MemoryProjection cut = whole;
    cut.CutBackTo(i);
    auto reader = NewOwner(cut, 300);
    ASSERT_TRUE(Await({reader.get()}, [&] { return reader->state() == owner->state(); }));
    EXPECT_EQ(cut.commits, whole.commits);
  }
}

TEST_P(LogConformance, AnOwnerGoesOnAfterReopening) {
  MemoryProjection projection;
  auto owner = NewOwner(projection);
  Fill(*owner, 2);
  owner.reset();
  implementation_->Reopen();
  owner = NewOwner(projection);
  Fill(*owner, 2);
  EXPECT_EQ(owner->state().claim, 2u);
  EXPECT_EQ(projection.commits.size(), 4u);
}

TEST_P(LogConformance, AConfirmedReadWaitsForARecord) {
  MemoryProjection projection;
  auto owner = NewOwner(projection);
  Fill(*owner, 1);
  int answered = 0, wrong = 0;
  for (int i = 0; i < 5; ++i) {
    owner->AwaitConfirmation([&](bool ok) { ++(ok ? answered : wrong); });
  }
  ASSERT_TRUE(Await({owner.get()}, [&] { return answered + wrong == 5; }));
  EXPECT_EQ(wrong, 0);
  owner->AwaitConfirmation([&](bool ok) { ++(ok ? answered : wrong); });
  owner.reset();
  EXPECT_EQ(wrong, 1);
}

}  // namespace crm::log
