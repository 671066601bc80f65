#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "libs/log/log.h"
#include "libs/log/record.h"
#include "libs/record/clock.h"
#include "libs/record/result.h"

namespace crm::log {

// One partition of a copy's target, under the first claim of it.
class CopyWriter {
 public:
  CopyWriter(Log& log, int partition, const record::Clock& clock, record::Random& random);

  // The copied events' source and schema are the log's own records', too.
  void Add(Envelope envelope, std::string_view value);
  // Enough was added to be sent.
  bool full() const;
  // Returns when what was added is in the log.
  record::Result<record::Done> Send();
  // Whoever claims next need not wait for a lease.
  record::Result<record::Done> Release();

 private:
  void AddOwn(std::string_view type, const std::string& value, int64_t recorded_time_us);
  void Number(Envelope* envelope);
  void Gather(std::string body, uint64_t seq);

  const record::Clock& clock_;
  record::Random& random_;
  std::mutex mutex_;
  std::condition_variable woken_;
  bool arrived_ = false;  // a report may have come since the last look
  uint64_t id_ = 0;
  std::string claim_;
  bool begun_ = false;
  Envelope like_;
  int64_t recorded_time_us_ = 0;
  uint64_t next_seq_ = 0;
  std::vector<Outgoing> messages_;
  size_t bytes_ = 0;
  std::unique_ptr<Producer> producer_;
};

}  // namespace crm::log
