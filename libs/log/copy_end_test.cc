#include "libs/log/copy_end.h"

#include <utility>
#include <vector>

#include "libs/log/copy_fixture.h"

// A copy that was interrupted is known as such, and by nobody taken for a log.
namespace crm::log {
namespace {

using example::Open;

class CopyEndTest : public example::CopyTest {};

// As a target whose copier is killed: nothing that comes after the first so many groups is written.
class CutShort final : public Log {
 public:
  CutShort(Log& log, int groups) : log_(log), left_(groups) {}
  int partitions() const override { return log_.partitions(); }
  bool exclusive() const override { return log_.exclusive(); }
  std::unique_ptr<Producer> NewProducer(int partition, std::function<void()> wake) override {
    return std::make_unique<Cut>(log_.NewProducer(partition, std::move(wake)), left_);
  }
  record::Result<std::vector<Stored>> Read(int partition, int64_t from, size_t bytes) override {
    return log_.Read(partition, from, bytes);
  }
  record::Result<int64_t> End(int partition) override { return log_.End(partition); }

 private:
  class Cut final : public Producer {
   public:
    Cut(std::unique_ptr<Producer> producer, int& left)
        : producer_(std::move(producer)), left_(left) {}
    void Send(std::vector<Outgoing> messages) override {
      if (left_-- > 0) return producer_->Send(std::move(messages));
      cut_ = true;
    }
    std::vector<Report> TakeReports() override {
      if (cut_) return {{0, Report::Outcome::kFailed, -1, "killed"}};
      return producer_->TakeReports();
    }

   private:
    std::unique_ptr<Producer> producer_;
    int& left_;
    bool cut_ = false;
  };
  Log& log_;
  int left_;
};

TEST_F(CopyEndTest, ThatWasInterruptedIsKnownWhereverThatWas) {
  const auto from = Open(folder_.path() + "/from", 2);
  Fill(*from);
  EXPECT_TRUE(CheckCopyEnded(*from));
  // Two partitions get their events, then both are released.
  constexpr int kGroups = 4;
  for (int groups = 1; groups <= kGroups; ++groups) {
    const auto to = Open(folder_.path() + "/to" + std::to_string(groups), 2);
    EXPECT_TRUE(CheckCopyEnded(*to)) << "nothing was copied yet";
    CutShort cut(*to, groups);
    EXPECT_EQ(static_cast<bool>(CopyTo(*from, cut)), groups == kGroups) << groups;
    const auto ended = CheckCopyEnded(*to);
    EXPECT_EQ(static_cast<bool>(ended), groups == kGroups) << groups;
    if (ended) continue;
    EXPECT_FALSE(ended.error().retry);
    // Neither can it be copied on.
    const auto next = Open(folder_.path() + "/next" + std::to_string(groups), 2);
    const auto again = CopyTo(*to, *next);
    ASSERT_FALSE(again) << groups;
    EXPECT_NE(again.error().text.find("the source is not whole"), std::string::npos);
    EXPECT_EQ(*next->End(0), 0);
  }
}

TEST_F(CopyEndTest, OfALogThatIsServedSinceIsWhole) {
  const auto from = Open(folder_.path() + "/from", 2);
  const auto to = Open(folder_.path() + "/to", 2);
  Fill(*from);
  ASSERT_TRUE(CopyTo(*from, *to));
  example::Scribe(*to).Claim(0, 2);
  EXPECT_TRUE(CheckCopyEnded(*to));
}

}  // namespace
}  // namespace crm::log
