#include "libs/log/kafka_stream.h"

#include <array>
#include <utility>

#include "libs/log/kafka_message.h"
#include "libs/log/kafka_topic.h"

namespace crm::log::kafka {
namespace {

constexpr size_t kBatch = 1000;
constexpr int kDamagedMax = 3;
// Farther ahead than this, starting anew is cheaper than passing over what lies between.
constexpr int64_t kSkipMax = 1'000;
// Answers that should have come.
constexpr int kSilentAfter = 3;
constexpr int kRouseMs = 100;
// How soon whoever waits for a message sees that nobody wants it any more.
constexpr int kSliceMs = 50;
constexpr auto kRestAfter = std::chrono::seconds(3);

}  // namespace

Stream::Stream(RdKafka::Consumer* client, RdKafka::Topic* topic, int partition, Ears* ears,
               Patience* patience)
    : client_(client), topic_(topic), partition_(partition), ears_(ears), patience_(patience) {}

Stream::~Stream() {
  if (queue_ != nullptr) {
    rd_kafka_queue_cb_event_enable(queue_, nullptr, nullptr);
    rd_kafka_queue_destroy(queue_);
  }
  Stop();
}

std::shared_ptr<void> Stream::Watch(std::function<void()> wake) {
  std::lock_guard lock(watchers_mutex_);
  if (queue_ == nullptr) {
    queue_ = rd_kafka_queue_get_partition(client_->c_ptr(), topic_->name().c_str(), partition_);
    rd_kafka_queue_cb_event_enable(
        queue_, [](rd_kafka_t*, void* stream) { static_cast<Stream*>(stream)->WakeAll(); }, this);
  }
  const auto at = watchers_.insert(watchers_.end(), std::move(wake));
  return {&*at, [this, at](void*) {
            std::lock_guard erasing(watchers_mutex_);
            watchers_.erase(at);
          }};
}

void Stream::WakeAll() {
  std::lock_guard lock(watchers_mutex_);
  for (const auto& wake : watchers_) wake();
}

bool Stream::IsAheadOf(int64_t from) {
  std::lock_guard lock(mutex_);
  return started_ && from < next_ && Clock::now() - last_read_ < kRestAfter;
}

void Stream::Rest() {
  std::lock_guard lock(mutex_);
  if (started_ && Clock::now() - last_read_ > kRestAfter) Stop();
}

// Such as after the topic was deleted and made anew (log.md, E10).
bool Stream::Silent(Clock::time_point now) const {
  return fetched_.empty() && expected_ > next_ &&
         now - last_sign_ > kSilentAfter * patience_->Now();
}

record::Result<record::Done> Stream::StartAt(int64_t from) {
  Stop();
  const auto code = client_->start(topic_, partition_, from);
  if (code != RdKafka::ERR_NO_ERROR) {
    return ErrorOf("can not read partition " + std::to_string(partition_), code);
  }
  started_ = true;
  heard_ = false;
  next_ = from;
  last_sign_ = Clock::now();
  return record::Done{};
}

void Stream::Stop() {
  fetched_.clear();
  if (started_) client_->stop(topic_, partition_);
  started_ = false;
}

void Stream::Fetch(int timeout_ms) {
  if (timeout_ms > 0) {
    rd_kafka_message_t* one = rd_kafka_consume(topic_->c_ptr(), partition_, timeout_ms);
    if (one == nullptr) return;
    fetched_.emplace_back(one, rd_kafka_message_destroy);
  }
  std::array<rd_kafka_message_t*, kBatch> batch;
  const ssize_t count =
      rd_kafka_consume_batch(topic_->c_ptr(), partition_, 0, batch.data(), batch.size());
  for (ssize_t i = 0; i < count; ++i) {
    fetched_.emplace_back(batch[static_cast<size_t>(i)], rd_kafka_message_destroy);
  }
}

// A client that has fetched as much ahead as it may looks after a second only whether that is used
// up, unless there is something else to do: reading a long log would be little more than waiting.
bool Stream::MayHaveRested() const {
  return expected_ > next_ && since_roused_ >= kFetchAheadBytes / 2;
}

// By a question whose answer does not matter, to the broker that the partition is fetched from.
void Stream::Rouse() {
  since_roused_ = 0;
  int64_t low = 0, high = 0;
  client_->query_watermark_offsets(topic_->name(), partition_, &low, &high, kRouseMs);
}

// What is there at all is told by the first answer after a start, so that is waited for.
void Stream::FetchFirst() {
  const auto patience = patience_->Now();
  const auto end = Clock::now() + patience;
  while (fetched_.empty() && Clock::now() < end && !patience_->ended()) Fetch(kSliceMs);
  if (!fetched_.empty()) {
    patience_->Heard(Clock::now() - last_sign_);
  } else {
    patience_->Missed(patience);
    patience_->Unanswered(end - patience);
  }
}

record::Result<std::vector<Stored>> Stream::Read(int64_t from, size_t max_bytes) {
  std::lock_guard lock(mutex_);
  last_read_ = Clock::now();
  if (!started_ || from < next_ || from > next_ + kSkipMax || Silent(last_read_)) {
    const auto started = StartAt(from);
    if (!started) return started.error();
  }
  std::vector<Stored> read;
  size_t bytes = 0;
  while (read.empty() || bytes < max_bytes) {
    if (fetched_.empty() && heard_) Fetch(0);
    if (fetched_.empty() && heard_ && MayHaveRested()) {
      Rouse();
      break;
    }
    if (fetched_.empty() && !heard_) FetchFirst();
    if (fetched_.empty()) break;
    const Message message = std::move(fetched_.front());
    fetched_.pop_front();
    const auto heard = Hear(*message);
    if (!heard) {
      // The next read comes back to it.
      if (!read.empty()) break;
      return heard.error();
    }
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR || message->offset < from) continue;
    read.push_back(decoder_.ToStored(*message));
    bytes += read.back().body->size();
    since_roused_ += read.back().body->size();
  }
  if (!read.empty()) last_sign_ = last_read_;
  if (!heard_)
    return record::Error{"partition " + std::to_string(partition_) + ": no answer", true};
  return read;
}

// One message, or what is said in place of one.
record::Result<record::Done> Stream::Hear(const rd_kafka_message_t& message) {
  const std::string where = "partition " + std::to_string(partition_);
  switch (message.err) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      next_ = message.offset + 1;
      damaged_ = 0;
      heard_ = true;
      return record::Done{};
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      heard_ = true;
      return record::Done{};
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
      Stop();
      return OutOfRange(next_);
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
      Stop();
      return CheckThere();
    case RD_KAFKA_RESP_ERR__BAD_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
      Stop();
      return record::Error{where + ": damaged at or behind offset " + std::to_string(next_),
                           ++damaged_ < kDamagedMax};
    default:
      Stop();
      ears_->Tell(KafkaLevel::kWarning, where + ": " + rd_kafka_message_errstr(&message));
      return ErrorOf(where, static_cast<RdKafka::ErrorCode>(message.err));
  }
}

// R5: a broker that is behind, or no leader any more, says so too: the leader is asked, twice.
record::Result<record::Done> Stream::OutOfRange(int64_t from) {
  int64_t low = 0, high = 0;
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto place = Place(*client_, topic_->name());
    if (!place) return place.error();
    const auto code = client_->query_watermark_offsets(topic_->name(), partition_, &low, &high,
                                                       static_cast<int>(patience_->Now().count()));
    if (code != RdKafka::ERR_NO_ERROR) {
      return ErrorOf("partition " + std::to_string(partition_), code);
    }
    if (from >= low && from <= high) return record::Error{"offset out of range for now", true};
  }
  return record::Error{"offset " + std::to_string(from) + " is out of range: there is " +
                       std::to_string(low) + " to " + std::to_string(high)};
}

record::Result<record::Done> Stream::CheckThere() {
  const auto place = Place(*client_, topic_->name());
  if (!place) return place.error();
  if (place->partitions > partition_) return record::Error{"unknown partition for now", true};
  return record::Error{"the topic " + topic_->name() + " has no partition " +
                       std::to_string(partition_) + " any more"};
}

}  // namespace crm::log::kafka
