#include "libs/log/embedded.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <mutex>

#include "libs/log/segment.h"
#include "libs/log/temporary_folder.h"

namespace crm::log {
namespace {

// A producer whose reports can be waited for.
class Writer {
 public:
  Writer(Log& log, int partition)
      : producer_(log.NewProducer(partition, [this] {
          std::lock_guard lock(mutex_);
          woken_ = true;
          changed_.notify_all();
        })) {}

  void Send(uint64_t seq, size_t size = 100) {
    std::vector<Outgoing> messages;
    messages.push_back({seq, std::make_shared<const std::string>(size, 'a' + seq % 26)});
    producer_->Send(std::move(messages));
  }

  std::vector<Report> Await(size_t count) {
    std::vector<Report> reports;
    while (reports.size() < count) {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, std::chrono::seconds(20), [this] { return woken_; });
      if (!woken_) return reports;
      woken_ = false;
      lock.unlock();
      for (Report& report : producer_->TakeReports()) reports.push_back(std::move(report));
    }
    return reports;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = false;
  std::unique_ptr<Producer> producer_;
};

class EmbeddedTest : public testing::Test {
 protected:
  std::unique_ptr<Log> Open() {
    auto log = OpenEmbedded(options_);
    EXPECT_TRUE(log) << log.error().text;
    return log ? std::move(*log) : nullptr;
  }

  std::string Refusal() {
    auto log = OpenEmbedded(options_);
    return log ? "opened" : log.error().text;
  }

  // Each message in a group of its own.
  void Write(int count, size_t size = 100) {
    auto log = Open();
    Writer writer(*log, 0);
    for (int i = 1; i <= count; ++i) {
      writer.Send(static_cast<uint64_t>(i), size);
      ASSERT_EQ(writer.Await(1).size(), 1u);
    }
  }

  int64_t EndOf(int partition) { return *Open()->End(partition); }

  std::string Segment(int number) {
    return folder_.path() + "/log-0000000" + std::to_string(number) + ".seg";
  }

  void Overwrite(const std::string& path, size_t at, std::string_view bytes) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(at));
    file << bytes;
    ASSERT_TRUE(file.good());
  }

  TemporaryFolder folder_;
  EmbeddedOptions options_{folder_.path(), 2, 1 << 20};
  const size_t first_frame_ = HeadBytes(2);
};

TEST_F(EmbeddedTest, ReportsGiveDenseOffsetsInEachPartition) {
  auto log = Open();
  Writer a(*log, 0), b(*log, 1);
  for (uint64_t seq = 1; seq <= 3; ++seq) {
    a.Send(seq);
    b.Send(seq);
  }
  for (Writer* writer : {&a, &b}) {
    const auto reports = writer->Await(3);
    ASSERT_EQ(reports.size(), 3u);
    for (size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(reports[i].outcome, Report::Outcome::kWritten);
      EXPECT_EQ(reports[i].seq, i + 1);
      EXPECT_EQ(reports[i].offset, static_cast<int64_t>(i));
    }
  }
}

TEST_F(EmbeddedTest, MessagesSurviveManySegmentsAndReopening) {
  options_.segment_bytes = 16 << 10;
  Write(100, 1000);
  ASSERT_TRUE(std::filesystem::exists(Segment(5)));
  auto log = Open();
  for (int64_t from : {0, 1, 50, 99}) {
    auto read = log->Read(0, from, 1 << 20);
    ASSERT_TRUE(read) << read.error().text;
    ASSERT_EQ(read->size(), static_cast<size_t>(100 - from));
    EXPECT_EQ(read->front().offset, from);
    EXPECT_EQ(*read->back().body, std::string(1000, 'a' + 100 % 26));
  }
  EXPECT_EQ(log->Read(0, 0, 1)->size(), 1u);
  EXPECT_TRUE(log->Read(0, 100, 1)->empty());
  EXPECT_FALSE(log->Read(0, 101, 1));
}

TEST_F(EmbeddedTest, AMessageLargerThanASegmentGetsOneOfItsOwn) {
  options_.segment_bytes = 16 << 10;
  Write(3, 100'000);
  EXPECT_EQ(Open()->Read(0, 2, 1)->front().body->size(), 100'000u);
}

TEST_F(EmbeddedTest, OneProcessAtATime) {
  auto log = Open();
  EXPECT_NE(Refusal().find("another process"), std::string::npos);
}

TEST_F(EmbeddedTest, AnotherPartitionCountIsRefused) {
  Write(1);
  options_.partitions = 3;
  EXPECT_NE(Refusal().find("has 2 partitions, not 3"), std::string::npos);
}

TEST_F(EmbeddedTest, ATornTailIsCutOff) {
  Write(3);
  const size_t third = first_frame_ + 2 * FrameBytes(100);
  // As a crash leaves it: the last group in part, and no seal.
  Overwrite(Segment(1), third + 60, std::string(FrameBytes(100), '\0'));
  EXPECT_EQ(EndOf(0), 2);
  Write(2);
  EXPECT_EQ(EndOf(0), 4);
}

TEST_F(EmbeddedTest, DamageBeforeWhatCameLaterIsRefused) {
  Write(3);
  Overwrite(Segment(1), first_frame_ + FrameBytes(100) + 60, "!");
  EXPECT_NE(Refusal().find("is damaged at byte " + std::to_string(first_frame_ + FrameBytes(100))),
            std::string::npos);
}

TEST_F(EmbeddedTest, DamageInTheLastMessageOfALogClosedInOrderIsRefused) {
  Write(3);
  Overwrite(Segment(1), first_frame_ + 2 * FrameBytes(100) + 60, "!");
  EXPECT_NE(Refusal().find("is damaged"), std::string::npos);
}

TEST_F(EmbeddedTest, DamageInAnOlderSegmentIsFoundByReading) {
  options_.segment_bytes = 16 << 10;
  Write(40, 1000);
  Overwrite(Segment(1), first_frame_ + FrameBytes(1000) + 60, "!");
  auto log = Open();
  auto read = log->Read(0, 0, 1 << 20);
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().text.find("is damaged"), std::string::npos);
  EXPECT_FALSE(read.error().retry);
  EXPECT_TRUE(log->Read(0, 30, 1 << 20));
}

// Such as a copy of the folder that was not complete.
TEST_F(EmbeddedTest, AMissingSegmentIsRefused) {
  Write(8, 300'000);
  ASSERT_TRUE(std::filesystem::exists(Segment(3)));
  for (const int number : {1, 2}) {
    const std::string elsewhere = folder_.path() + "/elsewhere";
    std::filesystem::rename(Segment(number), elsewhere);
    EXPECT_NE(Refusal().find("log-0000000" + std::to_string(number) + ".seg is missing"),
              std::string::npos)
        << Refusal();
    EXPECT_FALSE(std::filesystem::exists(Segment(number)));
    std::filesystem::rename(elsewhere, Segment(number));
  }
  EXPECT_EQ(EndOf(0), 8);
}

TEST_F(EmbeddedTest, ASegmentOfAnotherLogIsRefused) {
  TemporaryFolder other;
  Write(1);
  std::filesystem::copy_file(Segment(1), other.path() + "/foreign");
  options_.folder = other.path();
  Write(1);
  std::filesystem::remove(other.path() + "/log-00000001.seg");
  std::filesystem::rename(other.path() + "/foreign", other.path() + "/log-00000001.seg");
  EXPECT_NE(Refusal().find("belongs to another log"), std::string::npos);
}

TEST_F(EmbeddedTest, APreparedSegmentThatWasNeverUsedIsReplaced) {
  Write(1);
  std::ofstream(Segment(2)) << "half written";
  EXPECT_EQ(EndOf(0), 1);
  EXPECT_FALSE(std::filesystem::exists(Segment(2)));
}

// The disk is full: files may not grow past what the first segment has.
TEST_F(EmbeddedTest, AfterAFailedWriteEverythingFailsUntilReopened) {
  options_.segment_bytes = 64 << 10;
  auto log = Open();
  Writer writer(*log, 0);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit small = before;
  small.rlim_cur = 64 << 10;
  setrlimit(RLIMIT_FSIZE, &small);
  writer.Send(1);
  writer.Send(2, 100'000);
  const auto reports = writer.Await(2);
  setrlimit(RLIMIT_FSIZE, &before);
  ASSERT_EQ(reports.size(), 2u);
  EXPECT_EQ(reports[1].outcome, Report::Outcome::kFailed);
  EXPECT_NE(reports[1].text.find("writing"), std::string::npos);
  EXPECT_EQ(log->fault(), reports[1].text);
  writer.Send(3);
  EXPECT_EQ(writer.Await(1).front().outcome, Report::Outcome::kFailed);
  const int64_t end = *log->End(0);
  EXPECT_EQ(end, reports[0].outcome == Report::Outcome::kWritten ? 1 : 0);
  log.reset();
  EXPECT_EQ(EndOf(0), end);
}

}  // namespace
}  // namespace crm::log
