#pragma once

#include <memory>
#include <string>

#include "tools/bench/load.h"

namespace crm::bench {

// What librdkafka does by itself with the bytes of a service's events: the same headers, keys and
// values, to a topic with the same settings, by a producer with the same settings, and always the
// same number of them in flight.
class BareProducer {
 public:
  // `from`: the topic whose events are sent, with `partitions`; `to`: made, with one.
  BareProducer(const std::string& brokers, const std::string& from, int partitions,
               const std::string& to);
  ~BareProducer();

  // Empty: it can be run.
  const std::string& failure() const;
  // Records a second and how long each took until it was reported.
  Measured Run(int in_flight, double seconds);

 private:
  class Session;
  std::unique_ptr<Session> session_;
};

}  // namespace crm::bench
