#include "libs/log/kafka_ends.h"

#include <chrono>
#include <utility>
#include <vector>

#include "libs/log/kafka_client.h"

namespace crm::log::kafka {
namespace {

constexpr int kProbeMs = 5'000;
constexpr int64_t kLatest = -1;

}  // namespace

Ends::Ends(RdKafka::Handle* client, std::string topic, Patience* patience)
    : client_(client), topic_(std::move(topic)), patience_(patience) {}

record::Result<int64_t> Ends::Ask(int partition) {
  std::unique_lock lock(mutex_);
  if (!gathering_) gathering_ = std::make_shared<Round>();
  const std::shared_ptr<Round> round = gathering_;
  round->answers.emplace(partition, record::Error{"no answer", true});
  while (!round->done) {
    if (patience_->ended()) return record::Error{"the log is being closed", true};
    if (asking_) {
      changed_.wait(lock);
      continue;
    }
    asking_ = true;
    gathering_.reset();
    lock.unlock();
    AskAll(round.get());
    lock.lock();
    asking_ = false;
    round->done = true;
    changed_.notify_all();
  }
  return round->answers.at(partition);
}

void Ends::StopWaiting() {
  // With the lock, so that whoever asks is either before its look or waits.
  { const std::lock_guard lock(mutex_); }
  changed_.notify_all();
}

void Ends::Probe() {
  const std::unique_ptr<RdKafka::TopicPartition> owned(
      RdKafka::TopicPartition::create(topic_, 0, kLatest));
  std::vector<RdKafka::TopicPartition*> asked = {owned.get()};
  const auto begin = std::chrono::steady_clock::now();
  if (client_->offsetsForTimes(asked, kProbeMs) == RdKafka::ERR_NO_ERROR)
    patience_->Heard(std::chrono::steady_clock::now() - begin);
}

void Ends::AskAll(Round* round) {
  std::vector<std::unique_ptr<RdKafka::TopicPartition>> owned;
  std::vector<RdKafka::TopicPartition*> asked;
  for (const auto& [partition, answer] : round->answers) {
    owned.emplace_back(RdKafka::TopicPartition::create(topic_, partition, kLatest));
    asked.push_back(owned.back().get());
  }
  const auto begin = std::chrono::steady_clock::now();
  const auto patience = patience_->Now();
  const auto code = client_->offsetsForTimes(asked, static_cast<int>(patience.count()));
  if (code == RdKafka::ERR_NO_ERROR) patience_->Heard(std::chrono::steady_clock::now() - begin);
  if (code == RdKafka::ERR__TIMED_OUT) patience_->Missed(patience);
  if (code != RdKafka::ERR_NO_ERROR) patience_->Unanswered(begin);
  for (const RdKafka::TopicPartition* one : asked) {
    const auto failed = code != RdKafka::ERR_NO_ERROR ? code : one->err();
    auto& answer = round->answers.at(one->partition());
    if (failed != RdKafka::ERR_NO_ERROR) {
      answer = ErrorOf("the end of partition " + std::to_string(one->partition()), failed);
    } else {
      answer = one->offset();
    }
  }
}

}  // namespace crm::log::kafka
