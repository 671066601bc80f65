#pragma once

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafkacpp.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "libs/log/kafka_client.h"
#include "libs/log/kafka_message.h"
#include "libs/log/kafka_patience.h"
#include "libs/log/log.h"

namespace crm::log::kafka {

// What the client keeps of each partition, fetched ahead.
inline constexpr size_t kFetchAheadBytes = 16 << 20;

// A partition read from front to back out of what the client fetches ahead. Reading elsewhere than
// where the last read ended starts anew there.
class Stream {
 public:
  Stream(RdKafka::Consumer* client, RdKafka::Topic* topic, int partition, Ears* ears,
         Patience* patience);
  ~Stream();

  // As Log::Read and Log::Watch.
  record::Result<std::vector<Stored>> Read(int64_t from, size_t max_bytes);
  std::shared_ptr<void> Watch(std::function<void()> wake);
  // Somebody reads on from farther ahead than this.
  bool IsAheadOf(int64_t from);
  // The partition is known to reach up to here: a stream that stays silent has to start anew.
  void Expect(int64_t end) { expected_ = end; }
  // Stops fetching ahead if nobody has read for a while.
  void Rest();

 private:
  using Clock = std::chrono::steady_clock;
  using Message = std::unique_ptr<rd_kafka_message_t, decltype(&rd_kafka_message_destroy)>;

  bool Silent(Clock::time_point now) const;
  record::Result<record::Done> StartAt(int64_t from);
  void Stop();
  void Fetch(int timeout_ms);
  void FetchFirst();
  bool MayHaveRested() const;
  void Rouse();
  record::Result<record::Done> Hear(const rd_kafka_message_t& message);
  record::Result<record::Done> OutOfRange(int64_t from);
  record::Result<record::Done> CheckThere();
  void WakeAll();

  RdKafka::Consumer* const client_;
  RdKafka::Topic* const topic_;
  const int partition_;
  Ears* const ears_;
  Patience* const patience_;
  std::mutex mutex_;
  bool started_ = false;
  bool heard_ = false;  // since it was started
  int64_t next_ = 0;
  std::deque<Message> fetched_;
  Decoder decoder_;
  size_t since_roused_ = 0;  // bytes read since the client was made to fetch on
  int damaged_ = 0;          // times in a row
  std::atomic<int64_t> expected_{0};
  Clock::time_point last_read_;
  Clock::time_point last_sign_;  // of life: a message, or the start
  std::mutex watchers_mutex_;
  std::list<std::function<void()>> watchers_;
  rd_kafka_queue_t* queue_ = nullptr;  // once it is watched
};

}  // namespace crm::log::kafka
