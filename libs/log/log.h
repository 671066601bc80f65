#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libs/log/record.h"
#include "libs/record/result.h"

// The log's bare machinery: partitions that messages are added to and read from. What of them
// counts is decided by the automaton (automaton.h), who may write by the owner (owner.h); both are
// the same for every implementation.
namespace crm::log {

// A message on its way into a partition. `seq` is its ce_seq; 0 for the claim itself.
struct Outgoing {
  uint64_t seq = 0;
  std::shared_ptr<const std::string> body;
};

// What a producer was told about one message. An error does not mean "not written", success does
// not mean "once", and the offset may be missing on success (log.md, section 4).
struct Report {
  enum class Outcome { kWritten, kWrittenSomewhere, kFailed };
  uint64_t seq = 0;
  Outcome outcome = Outcome::kWritten;
  int64_t offset = -1;  // of kWritten
  std::string text;     // of kFailed, for the log
};

// One claim's way into a partition (A1). Destroying it purges what was not sent; what was sent may
// land all the same.
class Producer {
 public:
  virtual ~Producer() = default;
  // Messages in the order of their sequences.
  virtual void Send(std::vector<Outgoing> messages) = 0;
  // Reports since the last call, in the order they came.
  virtual std::vector<Report> TakeReports() = 0;
};

class Log {
 public:
  virtual ~Log() = default;
  virtual int partitions() const = 0;
  // A process that has this log open is the only one that can write to it (a lock on its folder),
  // so its leases need no clock.
  virtual bool exclusive() const = 0;
  // Why nothing can be written any more until the log is opened anew (a disk that failed, or is
  // full): its owners stop. Empty: it can.
  virtual std::string fault() const { return {}; }
  // `wake` is called, from any thread, when reports may have come, and never after the producer
  // was destroyed, which waits for a call under way: it may only signal.
  virtual std::unique_ptr<Producer> NewProducer(int partition, std::function<void()> wake) = 0;
  // Up to about `max_bytes` of messages from an offset on; none at the end. A broker may need a
  // moment to hand over what is there: whoever has to know reads until End(). An error without
  // `retry` (offset out of range, damage) stops the reader for good.
  virtual record::Result<std::vector<Stored>> Read(int partition, int64_t from,
                                                   size_t max_bytes) = 0;
  // `wake` is called, from any thread, when Read() may have more to give, and never after what this
  // returns was destroyed: it may only signal. Null: this log does not tell, and is to be polled.
  virtual std::shared_ptr<void> Watch(int /*partition*/, std::function<void()> /*wake*/) {
    return nullptr;
  }
  // The message at this offset, if it is there: a look aside that leaves Read() where it is.
  virtual record::Result<std::optional<Stored>> ReadOne(int partition, int64_t offset);
  // The offset that the next message will have, asked for now.
  virtual record::Result<int64_t> End(int partition) = 0;
  // Does `work`, which asks this log things, where it holds nobody up: on any thread, and not at
  // all if the log is closed before. A log that answers at once does it here and now.
  virtual void Aside(std::function<void()> work) { work(); }
  // Whoever keeps the log was asked, and has not answered in the time that it takes.
  virtual bool silent() const { return false; }
  // From now on nobody waits for answers any more, so that the process can end: what they were
  // waited for fails, as with a log that can not be reached.
  virtual void StopWaiting() {}
};

}  // namespace crm::log
