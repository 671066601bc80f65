#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libs/log/log.h"

namespace crm::log {

// The records of one claim that were decided and are not confirmed yet: first gathered, then under
// way. The same body goes to the log and, once its place is known, to the automaton.
class Flight {
 public:
  using Body = std::shared_ptr<const std::string>;

  // `ticket`: the commit that this record completes, or 0.
  void Add(uint64_t seq, Body body, uint64_t ticket);
  bool gathered() const { return handed_ < records_.size(); }
  uint64_t first_gathered() const { return records_[handed_].seq; }
  // What was gathered is handed to the producer now (L1: the time just before).
  std::vector<Outgoing> HandOver(int64_t now);

  struct Confirmed {
    uint64_t ticket = 0;  // the newest commit that is complete; 0: none
    std::optional<int64_t> handed;
  };
  // Everything below this sequence counts.
  Confirmed ConfirmBelow(uint64_t next_seq);

  // The body of a record that was handed over, or null.
  Body Find(uint64_t seq) const;
  bool empty() const { return records_.empty(); }
  size_t bytes() const { return bytes_; }
  // Of the oldest record under way.
  std::optional<int64_t> oldest_handed() const;
  uint64_t newest_ticket() const { return newest_ticket_; }

 private:
  struct Record {
    uint64_t seq;
    Body body;
    uint64_t ticket;
    int64_t handed;
  };
  std::deque<Record> records_;
  size_t handed_ = 0;  // so many of them, from the front, are under way
  size_t bytes_ = 0;
  uint64_t newest_ticket_ = 0;
};

}  // namespace crm::log
