#pragma once

#include <librdkafka/rdkafkacpp.h>

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "libs/log/kafka_patience.h"
#include "libs/record/result.h"

namespace crm::log::kafka {

// Where partitions end. Whoever asks while an answer is under way is asked for together with all
// the others who did, in the next round: many standbys cost few requests, and each answer is still
// one that was asked for after its question.
class Ends {
 public:
  Ends(RdKafka::Handle* client, std::string topic, Patience* patience);
  record::Result<int64_t> Ask(int partition);
  // Whoever asks is told at once that there is no answer.
  void StopWaiting();
  // Finds out how long an answer takes now, for up to some seconds.
  void Probe();

 private:
  struct Round {
    std::map<int, record::Result<int64_t>> answers;
    bool done = false;
  };
  void AskAll(Round* round);

  RdKafka::Handle* const client_;
  const std::string topic_;
  Patience* const patience_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<Round> gathering_;
  bool asking_ = false;
};

}  // namespace crm::log::kafka
