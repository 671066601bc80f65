#include "libs/log/kafka_group.h"

#include <librdkafka/rdkafkacpp.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "libs/log/kafka_client.h"
#include "libs/log/kafka_members.h"

namespace crm::log {
namespace {

using Time = std::chrono::steady_clock;

// How soon a member hears that another has left or come, and so what a hand-over takes. librdkafka
// looks at its heartbeat only when its thread is awake, which is what Nudge() is for.
constexpr int kHeartbeatMs = 50;
constexpr int kPollMs = 20;
constexpr auto kConfirmEvery = std::chrono::milliseconds(200);
constexpr auto kMembersEvery = std::chrono::seconds(1);
constexpr int kMembersMs = 1'000;
constexpr int kOthersMs = 300;
// librdkafka sends a member's next request to join so long after its last one, whatever happens.
constexpr auto kJoinPause = std::chrono::seconds(1);
constexpr auto kLeaveTimeout = std::chrono::seconds(5);
constexpr auto kLeaveGrace = std::chrono::milliseconds(50);
// A member that is fenced more often than this, within so long, shares its name with another.
constexpr size_t kFencedMost = 4;
constexpr auto kFencedWithin = std::chrono::seconds(60);

using Partitions = std::vector<RdKafka::TopicPartition*>;

std::vector<int> NumbersOf(const Partitions& partitions) {
  std::vector<int> numbers;
  for (const RdKafka::TopicPartition* each : partitions) numbers.push_back(each->partition());
  return numbers;
}

}  // namespace

class KafkaGroup::Member final : public RdKafka::RebalanceCb, public RdKafka::OffsetCommitCb {
 public:
  Member(KafkaGroupOptions options, Events events)
      : options_(std::move(options)), events_(std::move(events)) {}
  ~Member() override { Leave(); }

  std::optional<record::Error> Start();
  bool joined() const { return joined_; }
  bool left_alone() const { return left_alone_; }
  std::string trouble() const;

  void Leave() {
    leaving_ = true;
    if (thread_.joinable()) thread_.join();
  }

 private:
  std::optional<record::Error> Subscribe();
  void Run();
  void Unsubscribe();
  void Close();
  void Nudge();
  void AwaitOthers();
  bool Silent() const { return events_.silent && events_.silent(); }
  void Confirm();
  void rebalance_cb(RdKafka::KafkaConsumer* consumer, RdKafka::ErrorCode code,
                    Partitions& partitions) override;
  void offset_commit_cb(RdKafka::ErrorCode code, Partitions& offsets) override;
  void LookForTrouble();
  void AskForMembers();

  const KafkaGroupOptions options_;
  const Events events_;
  std::unique_ptr<kafka::Ears> ears_;  // the consumer's
  std::unique_ptr<RdKafka::KafkaConsumer> consumer_;
  bool given_ = false;  // the consumer was told what it is assigned
  std::thread thread_;
  std::atomic<bool> joined_{false};
  std::atomic<bool> leaving_{false};
  std::atomic<bool> left_alone_{false};
  bool confirming_ = false;
  std::vector<std::string> members_;
  Time::time_point next_members_;
  Time::time_point last_confirm_;
  std::vector<Time::time_point> fenced_;
  mutable std::mutex mutex_;
  std::string trouble_;
};

std::optional<record::Error> KafkaGroup::Member::Start() {
  if (auto failed = Subscribe()) return failed;
  thread_ = std::thread([this] { Run(); });
  return std::nullopt;
}

std::optional<record::Error> KafkaGroup::Member::Subscribe() {
  if (!ears_) ears_ = std::make_unique<kafka::Ears>(options_.kafka);
  auto conf = kafka::NewConf(options_.kafka, ears_.get(),
                             {{"group.id", options_.group},
                              {"group.instance.id", options_.instance},
                              {"partition.assignment.strategy", "cooperative-sticky"},
                              {"session.timeout.ms", std::to_string(options_.session_timeout_ms)},
                              {"heartbeat.interval.ms", std::to_string(kHeartbeatMs)},
                              {"enable.auto.commit", "false"}});
  if (!conf) return conf.error();
  std::string text;
  (*conf)->set("rebalance_cb", static_cast<RdKafka::RebalanceCb*>(this), text);
  (*conf)->set("offset_commit_cb", static_cast<RdKafka::OffsetCommitCb*>(this), text);
  std::unique_ptr<RdKafka::KafkaConsumer> fresh(RdKafka::KafkaConsumer::create(conf->get(), text));
  if (!fresh) return record::Error{"can not join " + options_.group + ": " + text};
  consumer_ = std::move(fresh);
  const RdKafka::ErrorCode code = consumer_->subscribe({options_.topic});
  if (code != RdKafka::ERR_NO_ERROR)
    return kafka::ErrorOf("subscribing to " + options_.topic, code);
  return std::nullopt;
}

void KafkaGroup::Member::Run() {
  while (!leaving_ && consumer_) {
    // Partitions are paused, so that what comes is only what the callbacks are for.
    delete consumer_->consume(kPollMs);
    Nudge();
    Confirm();
    AskForMembers();
    LookForTrouble();
  }
  if (!consumer_) return;
  // Whoever has lost its name has nothing to give back, and no farewell to say for the other one.
  if (trouble().empty()) Unsubscribe();
  if (Silent()) given_ = false;
  Close();
}

// librdkafka 2.0 aborts the program where it destroys a member that has joined and was not told yet
// what it is assigned, such as one that is fenced in between. Such a one is left alone, and so is
// one that would wait for brokers that do not answer: it does nothing any more, and goes with the
// process.
void KafkaGroup::Member::Close() {
  confirming_ = false;
  if (std::exchange(given_, false)) {
    consumer_->close();
    consumer_.reset();
    return;
  }
  ears_->Silence();
  static_cast<void>(ears_.release());
  static_cast<void>(consumer_.release());
}

// A request that librdkafka's main thread answers from memory: it wakes up, and sees what is due.
void KafkaGroup::Member::Nudge() {
  Partitions assigned;
  consumer_->assignment(assigned);
  RdKafka::TopicPartition::destroy(assigned);
}

// What is taken away here goes to a member that has just joined, and that can not join again, which
// it must to be given it, before librdkafka's pause is over: so long it is better off here.
void KafkaGroup::Member::AwaitOthers() {
  std::string text;
  const auto end = Time::now() + kJoinPause;
  while (!leaving_ && !consumer_->assignment_lost() &&
         consumer_->fatal_error(text) == RdKafka::ERR_NO_ERROR && Time::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(kPollMs));
    Nudge();
  }
}

// An offset that the coordinator accepts is its word that this member, in this generation, is still
// in the group. The offset itself means nothing.
void KafkaGroup::Member::Confirm() {
  if (confirming_ || !events_.wants_confirmation()) return;
  const auto now = Time::now();
  if (now < last_confirm_ + kConfirmEvery) return;
  last_confirm_ = now;
  Partitions assigned;
  consumer_->assignment(assigned);
  if (!assigned.empty()) {
    for (RdKafka::TopicPartition* each : assigned) each->set_offset(0);
    confirming_ = consumer_->commitAsync(assigned) == RdKafka::ERR_NO_ERROR;
  }
  RdKafka::TopicPartition::destroy(assigned);
}

void KafkaGroup::Member::offset_commit_cb(RdKafka::ErrorCode code, Partitions&) {
  confirming_ = false;
  if (code == RdKafka::ERR_NO_ERROR) events_.confirmed();
}

void KafkaGroup::Member::rebalance_cb(RdKafka::KafkaConsumer* consumer, RdKafka::ErrorCode code,
                                      Partitions& partitions) {
  std::unique_ptr<RdKafka::Error> error;
  if (code == RdKafka::ERR__ASSIGN_PARTITIONS) {
    for (RdKafka::TopicPartition* each : partitions) each->set_offset(RdKafka::Topic::OFFSET_END);
    error.reset(consumer->incremental_assign(partitions));
    if (!partitions.empty()) consumer->pause(partitions);
    if (!error) events_.assigned(NumbersOf(partitions));
    joined_ = true;
    given_ = true;
    next_members_ = Time::now();
  } else {
    AwaitOthers();
    if (!partitions.empty()) events_.revoked(NumbersOf(partitions));
    error.reset(consumer->incremental_unassign(partitions));
  }
  if (error)
    ears_->Tell(KafkaLevel::kWarning, "rebalancing " + options_.group + ": " + error->str());
}

// That another process has the same name, or that the coordinator takes an attempt of our own,
// whose answer was lost with the broker, for another process. librdkafka does nothing any more
// after that: the member joins anew, and gives up where that does not help.
void KafkaGroup::Member::LookForTrouble() {
  std::string text;
  if (!trouble().empty() || consumer_->fatal_error(text) == RdKafka::ERR_NO_ERROR) return;
  const auto now = Time::now();
  std::erase_if(fenced_, [&](const auto& at) { return at + kFencedWithin < now; });
  fenced_.push_back(now);
  if (fenced_.size() <= kFencedMost) {
    ears_->Tell(KafkaLevel::kWarning, "joining " + options_.group + " anew after: " + text);
    Close();
    const auto failed = Subscribe();
    if (!failed) return;
    text = failed->text;
  }
  const std::lock_guard lock(mutex_);
  trouble_ =
      ears_->WithoutSecrets("member " + options_.instance + " of " + options_.group + ": " + text);
  ears_->Tell(KafkaLevel::kAlarm, trouble_);
}

// The others are not told of a change that leaves them what they have, so this is asked now and
// then.
void KafkaGroup::Member::AskForMembers() {
  if (!events_.members || Time::now() < next_members_) return;
  next_members_ = Time::now() + kMembersEvery;
  const auto members =
      kafka::MembersOf(*consumer_, options_.group, kMembersMs, [this] { return leaving_.load(); });
  if (!members || members->empty() || *members == members_) return;
  members_ = *members;
  events_.members(members_);
}

std::string KafkaGroup::Member::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

// Until librdkafka has given everything back and sent its farewell: it forgets its name with that.
void KafkaGroup::Member::Unsubscribe() {
  consumer_->unsubscribe();
  const auto deadline = Time::now() + kLeaveTimeout;
  auto end = deadline;
  while (Time::now() < std::min(end, deadline) && !Silent()) {
    delete consumer_->consume(kPollMs / 4);
    if (end == deadline && consumer_->memberid().empty()) end = Time::now() + kLeaveGrace;
    Nudge();
  }
  if (end == deadline || Silent()) return;
  const auto others =
      kafka::MembersOf(*consumer_, options_.group, kOthersMs, [this] { return Silent(); });
  left_alone_ = others && others->empty();
}

KafkaGroup::KafkaGroup(std::unique_ptr<Member> member) : member_(std::move(member)) {}
KafkaGroup::~KafkaGroup() = default;

record::Result<std::unique_ptr<KafkaGroup>> KafkaGroup::Join(KafkaGroupOptions options,
                                                             Events events) {
  auto member = std::make_unique<Member>(std::move(options), std::move(events));
  if (auto failed = member->Start()) return *failed;
  return std::unique_ptr<KafkaGroup>(new KafkaGroup(std::move(member)));
}

bool KafkaGroup::joined() const { return member_->joined(); }
std::string KafkaGroup::trouble() const { return member_->trouble(); }
void KafkaGroup::Leave() { member_->Leave(); }
bool KafkaGroup::left_alone() const { return member_->left_alone(); }

}  // namespace crm::log
