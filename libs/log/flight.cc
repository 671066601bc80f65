#include "libs/log/flight.h"

namespace crm::log {

void Flight::Add(uint64_t seq, Body body, uint64_t ticket) {
  bytes_ += body->size();
  if (ticket != 0) newest_ticket_ = ticket;
  records_.push_back({seq, std::move(body), ticket, 0});
}

std::vector<Outgoing> Flight::HandOver(int64_t now) {
  std::vector<Outgoing> messages;
  messages.reserve(records_.size() - handed_);
  for (; handed_ < records_.size(); ++handed_) {
    Record& record = records_[handed_];
    record.handed = now;
    messages.push_back({record.seq, record.body});
  }
  return messages;
}

Flight::Confirmed Flight::ConfirmBelow(uint64_t next_seq) {
  Confirmed confirmed;
  while (handed_ > 0 && records_.front().seq < next_seq) {
    const Record& record = records_.front();
    if (record.ticket != 0) confirmed.ticket = record.ticket;
    confirmed.handed = record.handed;
    bytes_ -= record.body->size();
    records_.pop_front();
    --handed_;
  }
  return confirmed;
}

Flight::Body Flight::Find(uint64_t seq) const {
  if (handed_ == 0 || seq < records_.front().seq) return nullptr;
  const uint64_t index = seq - records_.front().seq;  // sequences are dense
  return index < handed_ ? records_[index].body : nullptr;
}

std::optional<int64_t> Flight::oldest_handed() const {
  if (handed_ == 0) return std::nullopt;
  return records_.front().handed;
}

}  // namespace crm::log
