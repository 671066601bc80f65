#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>

#include "tests/server/sales_records.h"

// What tests of deletes and merges share that take more than one commit.
namespace crm::test {

// Creates tasks `Call 0`, `Call 1` …; the server takes batches of 500.
inline void AddTasks(const Client& client, const std::string& regarding, int count) {
  constexpr int kBatch = 500;
  for (int made = 0; made < count; made += kBatch) {
    activity::v1::BatchCreateTasksRequest batch;
    for (int i = made; i < made + kBatch && i < count; ++i)
      *batch.add_requests()->mutable_task() = NewTask(regarding, "Call " + std::to_string(i));
    const auto answer =
        client.Call<activity::v1::BatchTasksResponse>(ManyOf<Task>("BatchCreate"), batch);
    ASSERT_TRUE(answer.ok()) << answer;
  }
}

// Waits until the account's newest event is this one.
inline void AwaitEvent(const Client& client, const std::string& account, const std::string& event) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  std::string newest;
  while (newest != event && std::chrono::steady_clock::now() < end) {
    newest = History<Account>(client, account).front().event();
    std::this_thread::yield();
  }
  ASSERT_EQ(newest, event);
}

inline std::string TasksOf(const std::string& regarding) {
  return "regarding = \"" + regarding + '"';
}

}  // namespace crm::test
