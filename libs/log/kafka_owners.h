#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "libs/log/kafka.h"
#include "libs/record/result.h"

namespace crm::log {

// Who owns each partition, told by the owners themselves in a compacted topic: the key is the
// partition, the value `<number of the claim> <address>`. It is for finding them, and proves
// nothing: whoever is asked knows better.
class KafkaOwners {
 public:
  struct Options {
    KafkaOptions kafka;
    std::string topic;   // made if it is missing
    int partitions = 0;  // as many as the events have
  };
  struct Entry {
    int partition = 0;
    uint64_t claim = 0;
    std::string address;
  };
  // Both on a thread of its own: `read` what is in the topic, and then what is added; `turn` some
  // fifty times a second.
  struct Events {
    std::function<void(const Entry& entry)> read;
    std::function<void()> turn;
  };

  static record::Result<std::unique_ptr<KafkaOwners>> Open(Options options, Events events);
  ~KafkaOwners();

  // Thread-safe; returns at once.
  void Publish(const Entry& entry);

 private:
  class Reader;
  explicit KafkaOwners(std::unique_ptr<Reader> reader);
  std::unique_ptr<Reader> reader_;
};

}  // namespace crm::log
