#include <algorithm>
#include <utility>

#include "libs/log/simulated.h"

namespace crm::log {
namespace {

constexpr size_t kWindowMax = 5;  // requests in flight

}  // namespace

SimulatedSession::SimulatedSession(SimulatedLog* log, int partition, record::Random& random,
                                   std::function<void()> wake)
    : log_(log), partition_(partition), random_(random), wake_(std::move(wake)) {}

void SimulatedSession::Send(std::vector<Outgoing> messages) {
  for (Outgoing& message : messages) {
    if (fatal_ || !log_->fault().empty()) {
      TellFailed(message);
    } else {
      queue_.push_back(std::move(message));
    }
  }
}

std::vector<Report> SimulatedSession::TakeReports() { return std::exchange(reports_, {}); }

void SimulatedSession::Die(bool may_land_later) {
  alive_ = false;
  wake_ = nullptr;
  if (may_land_later) {
    ghosts_.insert(ghosts_.end(), queue_.begin(), queue_.end());
  } else {
    unanswered_.clear();
  }
  queue_.clear();
  held_.clear();
  reports_.clear();
}

void SimulatedSession::Tell(Report report) {
  if (!alive_) return;
  if (holding_) {
    held_.push_back(std::move(report));
    return;
  }
  reports_.push_back(std::move(report));
  if (wake_) wake_();
}

void SimulatedSession::TellFailed(const Outgoing& message) {
  Tell({message.seq, Report::Outcome::kFailed, -1, "timed out"});
}

void SimulatedSession::ReleaseReports() {
  holding_ = false;
  for (Report& report : std::exchange(held_, {})) Tell(std::move(report));
}

Outgoing SimulatedSession::TakeQueued(size_t index) {
  const auto at = queue_.begin() + static_cast<std::ptrdiff_t>(index);
  Outgoing message = std::move(*at);
  queue_.erase(at);
  return message;
}

void SimulatedSession::Land(size_t index) {
  const Outgoing message = TakeQueued(index);
  const int64_t offset = log_->Put(partition_, message.body);
  Tell({message.seq, Report::Outcome::kWritten, offset, {}});
}

void SimulatedSession::LandWithoutAnswer() {
  Outgoing message = TakeQueued(0);
  const int64_t offset = log_->Put(partition_, message.body);
  unanswered_.push_back({std::move(message), offset});
}

void SimulatedSession::LandWithoutOffset() {
  const Outgoing message = TakeQueued(0);
  log_->Put(partition_, message.body);
  Tell({message.seq, Report::Outcome::kWrittenSomewhere, -1, {}});
}

void SimulatedSession::GiveUp(size_t index, bool may_land_later) {
  Outgoing message = TakeQueued(index);
  TellFailed(message);
  if (may_land_later) ghosts_.push_back(std::move(message));
}

void SimulatedSession::Answer() {
  for (const Landed& each : std::exchange(unanswered_, {})) {
    Tell({each.message.seq, Report::Outcome::kWritten, each.offset, {}});
  }
}

void SimulatedSession::Repeat() {
  std::vector<Landed> again = std::exchange(unanswered_, {});
  for (Landed& each : again) each.offset = log_->Put(partition_, each.message.body);
  for (const Landed& each : again) {
    Tell({each.message.seq, Report::Outcome::kWritten, each.offset, {}});
  }
}

void SimulatedSession::FailUnanswered() {
  for (const Landed& each : std::exchange(unanswered_, {})) TellFailed(each.message);
}

void SimulatedSession::Fatal() {
  fatal_ = true;
  const std::vector<Landed> landed = std::exchange(unanswered_, {});
  if (!landed.empty()) TellFailed(landed.front().message);
  for (const Outgoing& message : std::exchange(queue_, {})) TellFailed(message);
  for (size_t i = 1; i < landed.size(); ++i) {
    Tell({landed[i].message.seq, Report::Outcome::kWritten, landed[i].offset, {}});
  }
}

void SimulatedSession::LandGhost(size_t index) {
  const auto at = ghosts_.begin() + static_cast<std::ptrdiff_t>(index);
  log_->Put(partition_, at->body);
  ghosts_.erase(at);
}

bool SimulatedSession::StepUnanswered(const SimulatedFaults& faults) {
  const double dice = static_cast<double>(random_.Next() >> 11) * 0x1p-53;
  double chance = queue_.empty() || unanswered_.size() == kWindowMax ? 0 : faults.pipelined;
  if (dice < chance) {
    LandWithoutAnswer();
  } else if (dice < (chance += faults.repeated)) {
    Repeat();
  } else if (dice < (chance += faults.failed)) {
    FailUnanswered();
  } else if (dice < chance + faults.fatal) {
    Fatal();
  } else {
    Answer();
  }
  return true;
}

bool SimulatedSession::Step(const SimulatedFaults& faults) {
  auto dice = [this] { return static_cast<double>(random_.Next() >> 11) * 0x1p-53; };
  if (!ghosts_.empty() && dice() < faults.ghost_lands) {
    LandGhost(0);
    return true;
  }
  if (holding_ && dice() < 0.3) {
    ReleaseReports();
    return true;
  }
  if (!unanswered_.empty()) return StepUnanswered(faults);
  if (queue_.empty()) {
    if (holding_) ReleaseReports();
    return false;
  }
  if (dice() < faults.report_held) HoldReports();
  double chance = faults.expires;
  const double what = dice();
  if (what < chance) {
    const size_t count = 1 + random_.Next() % queue_.size();
    for (size_t i = 0; i < count; ++i) GiveUp(0, dice() < faults.given_up);
  } else if (what < (chance += faults.refused)) {
    GiveUp(random_.Next() % queue_.size(), false);
  } else if (what < (chance += faults.answer_lost)) {
    LandWithoutAnswer();
  } else if (what < chance + faults.no_offset) {
    LandWithoutOffset();
  } else {
    Land();
  }
  return true;
}

}  // namespace crm::log
