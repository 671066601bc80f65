#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafkacpp.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "libs/log/kafka_group.h"
#include "libs/log/kafka_owners.h"
#include "tests/server/kafka.h"

// Who is assigned what, and who hears of it, on a real broker.
namespace crm::log {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Time = std::chrono::steady_clock;
using testing::IsEmpty;
using testing::SizeIs;

constexpr int kPartitions = 4;
constexpr auto kDeadline = seconds(60);

KafkaOptions Options() {
  KafkaOptions options;
  options.brokers = test::Kafka::Shared().bootstrap();
  options.replicas = 1;
  return options;
}

// A topic of owners that is read and written.
class Topic {
 public:
  explicit Topic(std::string name) : name_(std::move(name)) {
    auto opened = KafkaOwners::Open({Options(), name_, kPartitions},
                                    {[this](const KafkaOwners::Entry& entry) {
                                       const std::lock_guard lock(mutex_);
                                       entries_[entry.partition] = entry;
                                       changed_.notify_all();
                                     },
                                     [] {}});
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().text);
    if (opened) owners_ = std::move(opened).value();
  }
  const std::string& name() const { return name_; }
  KafkaOwners& owners() { return *owners_; }
  bool Await(int partition, uint64_t claim) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kDeadline, [&] { return entries_[partition].claim == claim; });
  }
  std::string AddressOf(int partition) {
    const std::lock_guard lock(mutex_);
    return entries_[partition].address;
  }

 private:
  const std::string name_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<int, KafkaOwners::Entry> entries_;
  std::unique_ptr<KafkaOwners> owners_;
};

// A member of the group, and what it has.
class Member {
 public:
  Member(const Topic& topic, const std::string& instance) {
    KafkaGroupOptions options;
    options.kafka = Options();
    options.group = topic.name() + ".group";
    options.topic = topic.name();
    options.instance = instance;
    KafkaGroup::Events events;
    events.assigned = [this](const std::vector<int>& partitions) {
      const std::lock_guard lock(mutex_);
      has_.insert(partitions.begin(), partitions.end());
      changed_.notify_all();
    };
    events.revoked = [this](const std::vector<int>& partitions) {
      const std::lock_guard lock(mutex_);
      for (const int partition : partitions) has_.erase(partition);
      changed_.notify_all();
    };
    events.confirmed = [this] {
      const std::lock_guard lock(mutex_);
      ++confirmed_;
      changed_.notify_all();
    };
    events.wants_confirmation = [this] {
      const std::lock_guard lock(mutex_);
      return wants_;
    };
    events.members = [this](const std::vector<std::string>& members) {
      const std::lock_guard lock(mutex_);
      members_ = members;
      changed_.notify_all();
    };
    auto joined = KafkaGroup::Join(options, std::move(events));
    EXPECT_TRUE(joined) << (joined ? "" : joined.error().text);
    if (joined) group_ = std::move(joined).value();
  }
  bool Await(size_t count) {
    return AwaitThat([this, count] { return has_.size() == count; });
  }
  bool AwaitMembers(const std::vector<std::string>& members) {
    return AwaitThat([&] { return members_ == members; });
  }
  // The coordinator confirms, asked from now on.
  bool AwaitConfirmation() {
    const std::lock_guard own(asking_);
    int before = 0;
    {
      const std::lock_guard lock(mutex_);
      wants_ = true;
      before = confirmed_;
    }
    const bool came = AwaitThat([&] { return confirmed_ > before; });
    const std::lock_guard lock(mutex_);
    wants_ = false;
    return came;
  }
  KafkaGroup& group() { return *group_; }

 private:
  template <class Condition>
  bool AwaitThat(Condition condition) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kDeadline, condition);
  }

  std::mutex asking_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<int> has_;
  std::vector<std::string> members_;
  int confirmed_ = 0;
  bool wants_ = false;
  std::unique_ptr<KafkaGroup> group_;
};

TEST(KafkaGroup, SharesPartitionsAndTakesOverFromWhoLeaves) {
  Topic topic("group1.owners");
  Member a(topic, "a");
  ASSERT_TRUE(a.Await(kPartitions));
  Member b(topic, "b");
  ASSERT_TRUE(b.Await(kPartitions / 2));
  ASSERT_TRUE(a.Await(kPartitions / 2));
  EXPECT_TRUE(a.AwaitMembers({"a", "b"}));
  const auto begin = Time::now();
  a.group().Leave();
  ASSERT_TRUE(b.Await(kPartitions));
  // Far below the session's six seconds: it was told, and did not have to find out.
  EXPECT_LT(Time::now() - begin, seconds(4));
  EXPECT_TRUE(b.AwaitMembers({"b"}));
  EXPECT_FALSE(a.group().left_alone());
}

// It is not to wait for a successor then.
TEST(KafkaGroup, KnowsThatItWasTheLast) {
  Topic topic("group6.owners");
  // A broker that is busy may not say so in time, and then it is not known.
  const auto deadline = Time::now() + kDeadline;
  bool alone = false;
  while (!alone && Time::now() < deadline) {
    Member last(topic, "last");
    ASSERT_TRUE(last.Await(kPartitions));
    last.group().Leave();
    alone = last.group().left_alone();
  }
  EXPECT_TRUE(alone);
}

TEST(KafkaGroup, ConfirmsAnAssignmentWhenAsked) {
  Topic topic("group2.owners");
  Member a(topic, "a");
  ASSERT_TRUE(a.Await(kPartitions));
  EXPECT_TRUE(a.AwaitConfirmation());
  EXPECT_TRUE(a.AwaitConfirmation());
}

TEST(KafkaGroup, SaysThatAnotherHasItsName) {
  Topic topic("group3.owners");
  Member first(topic, "same");
  ASSERT_TRUE(first.Await(kPartitions));
  Member second(topic, "same");
  ASSERT_TRUE(second.Await(kPartitions));
  const auto deadline = Time::now() + kDeadline;
  while (first.group().trouble().empty() && Time::now() < deadline) std::this_thread::yield();
  EXPECT_THAT(first.group().trouble(), testing::HasSubstr("same"));
  EXPECT_THAT(second.group().trouble(), IsEmpty());
}

// What KafkaGroup::Leave() is for: closing alone tells the coordinator nothing of a static member,
// whose partitions nobody has until its session is over.
TEST(KafkaGroup, ClosingAloneLeavesAMemberBehind) {
  Topic topic("group4.owners");
  constexpr int kSessionMs = 6'000;
  std::string text;
  const std::unique_ptr<RdKafka::Conf> conf(RdKafka::Conf::create(RdKafka::Conf::CONF_GLOBAL));
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
           {"bootstrap.servers", test::Kafka::Shared().bootstrap()},
           {"group.id", topic.name() + ".group"},
           {"group.instance.id", "closing"},
           {"partition.assignment.strategy", "cooperative-sticky"},
           {"session.timeout.ms", std::to_string(kSessionMs)},
           {"enable.auto.commit", "false"}}) {
    ASSERT_EQ(conf->set(name, value, text), RdKafka::Conf::CONF_OK) << text;
  }
  const std::unique_ptr<RdKafka::KafkaConsumer> closing(
      RdKafka::KafkaConsumer::create(conf.get(), text));
  ASSERT_TRUE(closing) << text;
  ASSERT_EQ(closing->subscribe({topic.name()}), RdKafka::ERR_NO_ERROR);
  const auto deadline = Time::now() + kDeadline;
  for (size_t count = 0; count != kPartitions && Time::now() < deadline;) {
    delete closing->consume(50);
    std::vector<RdKafka::TopicPartition*> has;
    closing->assignment(has);
    count = has.size();
    RdKafka::TopicPartition::destroy(has);
  }
  const auto begin = Time::now();
  closing->close();
  Member next(topic, "next");
  ASSERT_TRUE(next.Await(kPartitions));
  EXPECT_GT(Time::now() - begin, milliseconds(kSessionMs * 8 / 10));
}

TEST(KafkaOwners, TellWhoOwnsWhat) {
  Topic topic("group5.owners");
  topic.owners().Publish({2, 7, "127.0.0.1:1"});
  topic.owners().Publish({2, 8, "[::1]:2"});
  ASSERT_TRUE(topic.Await(2, 8));
  EXPECT_EQ(topic.AddressOf(2), "[::1]:2");
  // Whoever comes later reads it as well.
  Topic again(topic.name());
  EXPECT_TRUE(again.Await(2, 8));
}

}  // namespace
}  // namespace crm::log
