#include <algorithm>

#include "libs/log/own_record.h"
#include "libs/log/owner.h"
#include "libs/record/check.h"
#include "libs/record/uuid.h"

// Appending, and telling from reports and the log what counts (A1 to A5).
namespace crm::log {
namespace {

constexpr size_t kCommitEventsMax = 1000;
constexpr int64_t kReadPoll = 1'000;
constexpr int64_t kRetryPause = 100'000;

}  // namespace

bool Owner::mine() const {
  const Automaton::State& now = state();
  return now.claim_id == claim_.id && now.claim == claim_.number && (!now.ended || now.released);
}

bool Owner::Counted(uint64_t seq) const {
  return state().claim_id == claim_.id && seq < state().next_seq;
}

void Owner::FillIn(Envelope* envelope, uint64_t seq) {
  envelope->set_claim(claim_.number);
  envelope->set_claim_id(claim_.id);
  envelope->set_seq(seq);
  envelope->set_recorded_time_us(recorded_time_us_);
}

Envelope Owner::OwnEnvelope(std::string_view type, uint64_t seq) {
  recorded_time_us_ = std::max(recorded_time_us_, clock_.Wall());
  Envelope envelope;
  const uint64_t dice = random_.Next();
  const auto id = record::MakeUuidV7(recorded_time_us_, dice & 0xfff, random_.Next());
  envelope.set_id(std::string(id.Bytes()));
  envelope.set_source(options_.source);
  envelope.set_dataschema(options_.dataschema);
  envelope.set_type(std::string(type));
  envelope.set_time_us(recorded_time_us_);
  FillIn(&envelope, seq);
  return envelope;
}

void Owner::AppendOwn(std::string_view type, std::string_view value) {
  const uint64_t seq = next_seq_++;
  flight_.Add(seq, std::make_shared<const std::string>(EncodeBody(OwnEnvelope(type, seq), value)),
              0);
}

uint64_t Owner::Append(std::vector<NewEvent> events) {
  CRM_CHECK(role_ == Role::kOwner && !released_sent_);
  CRM_CHECK(!events.empty() && events.size() <= kCommitEventsMax);
  recorded_time_us_ = std::max(recorded_time_us_, clock_.Wall());
  const uint64_t ticket = ++last_ticket_;
  const auto count = static_cast<uint32_t>(events.size());
  for (uint32_t i = 0; i < count; ++i) {
    Envelope& envelope = events[i].envelope;
    const uint64_t seq = next_seq_++;
    FillIn(&envelope, seq);
    envelope.set_commit_index(i + 1);
    envelope.set_commit_count(count);
    auto body = std::make_shared<const std::string>(EncodeBody(envelope, events[i].value));
    flight_.Add(seq, std::move(body), i + 1 == count ? ticket : 0);
  }
  return ticket;
}

uint64_t Owner::AppendReached(const event::v1::Reached& reached) {
  CRM_CHECK(role_ == Role::kOwner && !released_sent_);
  const uint64_t seq = next_seq_++;
  flight_.Add(seq,
              std::make_shared<const std::string>(
                  EncodeBody(OwnEnvelope(kReachedType, seq), ReachedValue(reached))),
              ++last_ticket_);
  return last_ticket_;
}

void Owner::Flush() {
  if (!flight_.gathered()) return;
  waiters_.Collect();
  waiters_.Aim(flight_.first_gathered());
  producer_->Send(flight_.HandOver(clock_.Boottime()));
}

bool Owner::WorkReports(int64_t now) {
  if (report_at_ == reports_.size()) {
    reports_.clear();
    report_at_ = 0;
  }
  std::vector<Report> came = producer_->TakeReports();
  reports_.insert(reports_.end(), std::make_move_iterator(came.begin()),
                  std::make_move_iterator(came.end()));
  bool worked = false;
  while (report_at_ < reports_.size()) {
    switch (Consider(reports_[report_at_], now)) {
      case Considered::kDone:
        ++report_at_;
        read_target_ = -1;
        worked = true;
        break;
      case Considered::kLater:
        return worked;
      case Considered::kAgain:
      case Considered::kLost:
        return true;
    }
  }
  return worked;
}

Owner::Considered Owner::Consider(const Report& report, int64_t now) {
  if (report.outcome == Report::Outcome::kFailed) {
    if (!options_.mutations.Has(Mutation::kErrorKeepsClaim)) {
      Lose(Why::kFailed, now);
      return Considered::kLost;
    }
    ++epoch_;
    flight_ = Flight();
    counted_ticket_ = confirmed_;
    return Considered::kDone;
  }
  if (report.seq == 0 || Counted(report.seq)) return Considered::kDone;
  const int64_t next = state().next;
  const bool placed = report.outcome == Report::Outcome::kWritten;
  const bool expected = placed && report.offset == next && report.seq == state().next_seq && mine();
  const bool believed =
      options_.mutations.Has(Mutation::kNoGapReading) && placed && report.offset >= next;
  Flight::Body body = flight_.Find(report.seq);
  if (body && (expected || believed)) {
    // The short cut of A3: there was room for nothing else between.
    follower_.Feed({report.offset, std::move(body)});
    return follower_.trouble().empty() ? Considered::kDone : Considered::kLost;
  }
  if (options_.mutations.Has(Mutation::kNoGapReading)) return Considered::kDone;
  if (placed && report.offset < next && read_target_ < 0) {
    if (options_.mutations.Has(Mutation::kNoContentCheck)) return Considered::kDone;
    follower_.Stop("sequence " + std::to_string(report.seq) + " was reported at offset " +
                   std::to_string(report.offset) + ", where something else had been read");
    return Considered::kLost;
  }
  return ReadUpTo(report, now);
}

// A3's other cases: the log itself says what is there.
Owner::Considered Owner::ReadUpTo(const Report& report, int64_t now) {
  if (now < next_poll_) return Considered::kLater;
  Follower::Found found = Follower::Found::kSome;
  if (read_target_ < 0) {
    if (report.outcome == Report::Outcome::kWritten) {
      read_target_ = report.offset + 1;
    } else {
      int64_t end = 0;
      found = follower_.AskEnd(&end);
      if (found == Follower::Found::kSome) read_target_ = end;
    }
  }
  if (found == Follower::Found::kSome && state().next < read_target_) found = follower_.Read();
  if (found == Follower::Found::kTrouble) return Considered::kLost;
  if (!mine()) {
    Lose(state().claim_id == claim_.id ? Why::kFailed : Why::kDeposed, now);
    return Considered::kLost;
  }
  if (Counted(report.seq)) return Considered::kDone;
  if (found != Follower::Found::kSome) {
    next_poll_ = now + (found == Follower::Found::kLater ? kRetryPause : kReadPoll);
    return Considered::kLater;
  }
  if (state().next < read_target_) return Considered::kAgain;
  // Reported as written, but not there (A4).
  Lose(Why::kFailed, now);
  return Considered::kLost;
}

}  // namespace crm::log
