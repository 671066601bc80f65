#include <gmock/gmock.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "libs/rpc/server/serving_test.h"

namespace crm::rpc {
namespace {

using testing::Contains;
using testing::Pair;

// What the streams of one test did.
struct Counted {
  std::mutex mutex;
  std::condition_variable changed;
  int pulled = 0;
  bool ended = false;
};

// Counts up for ever, or until it is cancelled; after `pause` numbers it waits.
class Numbers final : public Stream {
 public:
  Numbers(Counted& counted, int pause) : counted_(counted), pause_(pause) {}
  void Initial(std::function<void(std::optional<Metadata>)> done) override {
    done(Metadata{{"crm-identity-age", "12"}});
  }
  void Next(std::function<void(Item)> done) override {
    std::unique_lock lock(counted_.mutex);
    ++counted_.pulled;
    counted_.changed.notify_all();
    if (cancelled_) return End(&lock, done);
    if (sent_ == pause_) {
      waiting_ = std::move(done);
      return;
    }
    Item item;
    item.message = std::to_string(sent_++) + std::string(10'000, ' ');
    lock.unlock();
    done(std::move(item));
  }
  void Cancel() override {
    std::unique_lock lock(counted_.mutex);
    cancelled_ = true;
    if (auto done = std::exchange(waiting_, nullptr)) End(&lock, done);
  }

 private:
  void End(std::unique_lock<std::mutex>* lock, const std::function<void(Item)>& done) {
    counted_.ended = true;
    counted_.changed.notify_all();
    Item item;
    item.end = true;
    item.trailing = {{"crm-position", "sales-0-" + std::to_string(sent_)}};
    lock->unlock();
    done(std::move(item));
  }

  Counted& counted_;
  const int pause_;
  int sent_ = 0;
  bool cancelled_ = false;
  std::function<void(Item)> waiting_;
};

Endpoint NumbersEndpoint(Counted& counted, int pause) {
  return {"/test.Echo/Count", StreamFunction([&counted, pause](const Call&) {
            return std::make_shared<Numbers>(counted, pause);
          })};
}

void AwaitEnd(Counted& counted) {
  std::unique_lock lock(counted.mutex);
  EXPECT_TRUE(
      counted.changed.wait_for(lock, std::chrono::seconds(20), [&] { return counted.ended; }));
}

TEST(Streams, EndWhenTheClientIsGone) {
  Counted counted;
  auto server = StartServer({NumbersEndpoint(counted, 3)});
  Talk talk(ChannelTo(*server), "/test.Echo/Count");
  talk.Send("");
  std::string message;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(talk.Receive(&message));
    EXPECT_EQ(std::stoi(message), i);
  }
  talk.Cancel();
  AwaitEnd(counted);
}

TEST(Streams, AreNotPulledFasterThanTheClientReads) {
  Counted counted;
  auto server = StartServer({NumbersEndpoint(counted, 1'000'000)});
  Talk talk(ChannelTo(*server), "/test.Echo/Count");
  talk.Send("");
  std::string message;
  ASSERT_TRUE(talk.Receive(&message));
  // The window and the buffers below fill up, and then nothing is pulled any more.
  std::unique_lock lock(counted.mutex);
  int before = -1;
  while (before != counted.pulled) {
    before = counted.pulled;
    counted.changed.wait_for(lock, std::chrono::milliseconds(500),
                             [&] { return counted.pulled > before + 100; });
  }
  EXPECT_LT(counted.pulled, 20'000);
  lock.unlock();
  talk.Cancel();
  AwaitEnd(counted);
}

TEST(Streams, EndWithAResumePositionWhenTheServerDrains) {
  Counted counted;
  auto server = StartServer({NumbersEndpoint(counted, 2)});
  Talk talk(ChannelTo(*server), "/test.Echo/Count");
  talk.Send("");
  std::string message;
  ASSERT_TRUE(talk.Receive(&message));
  ASSERT_TRUE(talk.Receive(&message));
  std::thread draining([&] { server->Drain(std::chrono::seconds(20)); });
  EXPECT_FALSE(talk.Receive(&message));
  const Answered answered = talk.Finish();
  draining.join();
  EXPECT_TRUE(answered.status.ok()) << answered.status.error_message();
  EXPECT_THAT(answered.trailing, Contains(Pair("crm-position", "sales-0-2")));
  EXPECT_THAT(answered.initial, Contains(Pair("crm-identity-age", "12")));
}

}  // namespace
}  // namespace crm::rpc
