#include "libs/shard/queue.h"

#include <gtest/gtest.h>

#include "libs/shard/shard.h"

namespace crm::shard {
namespace {

Command Of(const std::string& tenant, bool bulk = false, size_t bytes = 1000) {
  Command command;
  command.principal.tenant = tenant;
  command.bulk = bulk;
  command.bytes = bytes;
  return command;
}

bool Push(CommandQueue& queue, Command command) {
  std::string limit;
  auto pushed = std::make_unique<Command>(std::move(command));
  return queue.Push(pushed, &limit);
}

TEST(CommandQueue, KeepsATenantsOrder) {
  Limits limits;
  CommandQueue queue(limits);
  for (const char* id : {"1", "2", "3"}) {
    Command command = Of("a");
    command.request_id = id;
    ASSERT_TRUE(Push(queue, std::move(command)));
  }
  for (const char* id : {"1", "2", "3"}) EXPECT_EQ(queue.Pop()->request_id, id);
  EXPECT_FALSE(queue.Pop());
}

TEST(CommandQueue, TenantsTakeTurnsByBytes) {
  Limits limits;
  CommandQueue queue(limits);
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(Push(queue, Of("loud")));
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(Push(queue, Of("quiet")));
  int quiet = 0;
  for (int i = 0; i < 60; ++i) quiet += queue.Pop()->principal.tenant == "quiet";
  EXPECT_EQ(quiet, 20);
}

TEST(CommandQueue, BulkGetsATenthWhileOthersWaitAndAllThatTheyLeave) {
  Limits limits;
  CommandQueue queue(limits);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(Push(queue, Of("a")));
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(Push(queue, Of("b", true)));
  int bulk = 0;
  for (int i = 0; i < 100; ++i) bulk += queue.Pop()->bulk;
  EXPECT_EQ(bulk, 10);
  while (auto command = queue.Pop()) bulk += command->bulk;
  EXPECT_EQ(bulk, 100);
}

TEST(CommandQueue, RefusesBeyondATenantsLimitAndLeavesTheOthersRoom) {
  Limits limits;
  limits.queue_commands_per_tenant = 2;
  limits.queue_commands = 3;
  CommandQueue queue(limits);
  EXPECT_TRUE(Push(queue, Of("a")));
  EXPECT_TRUE(Push(queue, Of("a")));
  auto third = std::make_unique<Command>(Of("a"));
  std::string limit;
  EXPECT_FALSE(queue.Push(third, &limit));
  EXPECT_EQ(limit, "queue of the tenant");
  EXPECT_EQ(third->principal.tenant, "a");
  EXPECT_TRUE(Push(queue, Of("b")));
  auto fourth = std::make_unique<Command>(Of("c"));
  EXPECT_FALSE(queue.Push(fourth, &limit));
  EXPECT_EQ(limit, "queue of the shard");
}

}  // namespace
}  // namespace crm::shard
