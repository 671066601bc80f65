#include "libs/log/kafka_topic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/kafka/ground.h"

// What is told of a topic while a process runs on it.
namespace crm::log {
namespace {

using testing::Contains;
using testing::HasSubstr;

class KafkaTopic : public KafkaGround {};

TEST_F(KafkaTopic, ThatWasChangedIsUnsafe) {
  CreateTopic(1, {{"retention.ms", "1000000"}});
  const auto client = NewClient();
  const auto unsafe = kafka::FindUnsafe(*client, topic_);
  ASSERT_TRUE(unsafe) << unsafe.error().text;
  EXPECT_THAT(*unsafe, Contains(HasSubstr("retention.ms is 1000000 and must be -1")));
}

TEST_F(KafkaTopic, ThatWasDeletedIsNotTakenForSafe) {
  CreateTopic(1);
  const auto client = NewClient();
  EXPECT_TRUE(kafka::FindUnsafe(*client, topic_));
  DeleteTopic();
  std::string told;
  const bool noticed = Await([&] {
    const auto unsafe = kafka::FindUnsafe(*client, topic_);
    told = unsafe ? "" : unsafe.error().text;
    return !unsafe;
  });
  EXPECT_TRUE(noticed);
  EXPECT_EQ(told, "the topic " + topic_ + " is not there");
}

}  // namespace
}  // namespace crm::log
