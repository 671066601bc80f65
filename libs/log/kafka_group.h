#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "libs/log/kafka.h"
#include "libs/record/result.h"

namespace crm::log {

struct KafkaGroupOptions {
  KafkaOptions kafka;
  std::string group;
  std::string topic;     // the owners' (kafka_owners.h); nothing is read from it here
  std::string instance;  // of all members of the group, only one has this name
  int session_timeout_ms = 6'000;
};

// A member of a consumer group that is used for nothing else than to say which partitions are whose
// to claim. It may be wrong or late: the log's protocol does not depend on it. Static membership: a
// process that was restarted within the session's time gets back what it had.
class KafkaGroup {
 public:
  // All are called on the group's own thread.
  struct Events {
    std::function<void(const std::vector<int>& partitions)> assigned;
    // The partitions go to another member once this returns, so it hands them over first. They may
    // be lost already, if the coordinator has not heard of this member for too long.
    std::function<void(const std::vector<int>& partitions)> revoked;
    // What is assigned was confirmed by the coordinator, as asked for by `wants_confirmation` (C4).
    std::function<void()> confirmed;
    std::function<bool()> wants_confirmation;
    // All members' names, after each change of them; may be empty, then nobody asks for them.
    std::function<void(const std::vector<std::string>& instances)> members;
    // The brokers are known not to answer: it leaves without them, which hear of that when the
    // session is over. Thread-safe; may be empty.
    std::function<bool()> silent;
  };

  static record::Result<std::unique_ptr<KafkaGroup>> Join(KafkaGroupOptions options, Events events);
  ~KafkaGroup();  // leaves

  // Has been told what it is assigned, be it nothing; thread-safe.
  bool joined() const;
  // Why it can not go on, such as when another process has the same name; empty: it can.
  // Thread-safe.
  std::string trouble() const;
  // Gives everything back, and returns once the coordinator was told so. Closing alone would leave
  // a static member in the group until its session is over.
  void Leave();
  // Nobody else was in the group when it was left, so there will be no successor. Thread-safe.
  bool left_alone() const;

 private:
  class Member;
  explicit KafkaGroup(std::unique_ptr<Member> member);
  std::unique_ptr<Member> member_;
};

}  // namespace crm::log
