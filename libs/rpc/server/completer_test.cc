#include "libs/rpc/server/completer.h"

#include <gtest/gtest.h>

#include <latch>
#include <thread>
#include <vector>

namespace crm::rpc {
namespace {

class Counted final : public Completer::Item {
 public:
  explicit Counted(std::latch& left) : left_(left) {}
  void Complete() override { left_.count_down(); }

 private:
  std::latch& left_;
};

TEST(Completer, CompletesWhatIsAddedOneByOne) {
  std::latch left(3);
  std::vector<Counted> items(3, Counted(left));
  Completer completer(1);
  for (Counted& item : items) completer.Add(&item);
  left.wait();
}

TEST(Completer, CompletesWhatIsAddedTogetherToSeveral) {
  constexpr int kItems = 200;  // more than one thread takes at a time
  std::latch left(2 * kItems);
  std::vector<Counted> items(2 * kItems, Counted(left));
  Completer one(2), other(1);
  Completer::Together([&] {
    for (size_t i = 0; i < items.size(); ++i) (i % 3 == 0 ? one : other).Add(&items[i]);
  });
  left.wait();
}

TEST(Completer, WhatIsAddedTogetherByManyThreadsIsCompleted) {
  constexpr int kThreads = 4, kRounds = 500;
  std::latch left(kThreads * kRounds);
  std::vector<Counted> items(kThreads * kRounds, Counted(left));
  Completer completer(1);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kRounds; i += 5) {
        Completer::Together([&] {
          for (int j = i; j < i + 5; ++j) {
            completer.Add(&items[static_cast<size_t>(thread * kRounds + j)]);
          }
        });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  left.wait();
}

TEST(Completer, WhatIsLeftIsCompletedAtItsEnd) {
  std::latch left(1);
  Counted item(left);
  { Completer(1).Add(&item); }
  EXPECT_TRUE(left.try_wait());
}

}  // namespace
}  // namespace crm::rpc
