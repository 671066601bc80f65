#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "libs/log/log.h"
#include "libs/record/clock.h"

// A log in memory that does, driven by a seed, what brokers and their clients were seen doing
// (log.md, section 4). Single-threaded: things happen in Step(), or when a test forces them.
namespace crm::log {

// Chances of what can happen at one step, from 0 to 1. The defaults are calm: messages land in
// order, once, and are reported with their offsets.
struct SimulatedFaults {
  double expires = 0;   // E2: the oldest queued messages are given up; younger ones go on
  double given_up = 0;  // E7c: a message that was given up, or whose process died, may land later
  double ghost_lands = 0;  // one of those does
  double refused = 0;      // E11: one message in the middle fails, the others go on
  double answer_lost = 0;  // a message lands, and the answer does not arrive
  double pipelined = 0;    // another one behind it does the same, up to five
  double repeated = 0;     // E3: all of these are written again, in a row
  double failed = 0;       // E12: they are reported as failed, although they landed
  double fatal = 0;        // E12b: the first as failed, the queue purged, then success for the rest
  double no_offset = 0;    // success without an offset
  double report_held = 0;  // reports come late, but in order
  double short_read = 0;   // a read returns only the next one or two
  double unreachable = 0;  // a read, or the question for the end, fails for now
  double aside_held = 0;   // what is asked aside is asked later

  // As often as in the model that the rules were found with.
  static SimulatedFaults Wild();
};

class SimulatedLog;

// One producer as the broker and its client's queue see it. It stays when its producer is
// destroyed: what had been sent may land all the same.
class SimulatedSession {
 public:
  SimulatedSession(SimulatedLog* log, int partition, record::Random& random,
                   std::function<void()> wake);

  // One thing happens; false if there was nothing to do.
  bool Step(const SimulatedFaults& faults);

  // What Step() chooses from, for directed tests. Messages are counted from the oldest queued one.
  size_t queued() const { return queue_.size(); }
  size_t unanswered() const { return unanswered_.size(); }
  size_t ghosts() const { return ghosts_.size(); }
  bool alive() const { return alive_; }
  int partition() const { return partition_; }
  void Land(size_t index = 0);  // one of them, and it is reported
  void LandWithoutAnswer();     // the oldest one; see Answer, Repeat and FailUnanswered
  void LandWithoutOffset();     // the oldest one; reported without a place
  void GiveUp(size_t index, bool may_land_later);
  void Answer();          // the retry of all unanswered ones was recognised
  void Repeat();          // all unanswered ones are written again
  void FailUnanswered();  // they are reported as failed
  void Fatal();
  void LandGhost(size_t index);
  void HoldReports() { holding_ = true; }
  void ReleaseReports();

  // The producer's side.
  void Send(std::vector<Outgoing> messages);
  std::vector<Report> TakeReports();
  void Die(bool may_land_later);

 private:
  struct Landed {
    Outgoing message;
    int64_t offset;
  };
  bool StepUnanswered(const SimulatedFaults& faults);
  void Tell(Report report);
  void TellFailed(const Outgoing& message);
  Outgoing TakeQueued(size_t index);

  SimulatedLog* const log_;
  const int partition_;
  record::Random& random_;
  std::function<void()> wake_;
  bool alive_ = true;
  bool fatal_ = false;
  bool holding_ = false;
  std::deque<Outgoing> queue_;
  std::vector<Landed> unanswered_;
  std::deque<Outgoing> ghosts_;
  std::vector<Report> held_;
  std::vector<Report> reports_;
};

class SimulatedLog final : public Log {
 public:
  SimulatedLog(int partitions, record::Random& random, SimulatedFaults faults = {});
  ~SimulatedLog() override;

  int partitions() const override { return static_cast<int>(logs_.size()); }
  bool exclusive() const override { return false; }
  std::string fault() const override { return broken_ ? "writing: Input/output error" : ""; }
  std::unique_ptr<Producer> NewProducer(int partition, std::function<void()> wake) override;
  record::Result<std::vector<Stored>> Read(int partition, int64_t from, size_t max_bytes) override;
  record::Result<int64_t> End(int partition) override;
  void Aside(std::function<void()> work) override;

  // Something happens in one of the sessions that have something to do, or what is asked aside is
  // asked; false if there is nothing.
  bool Step();
  // Everything queued lands and is reported, without faults. What died stays dead.
  void Settle();
  void set_faults(const SimulatedFaults& faults) { faults_ = faults; }
  const SimulatedFaults& faults() const { return faults_; }

  // What is asked aside and held: how much of it, and it is asked now.
  size_t held_aside() const { return aside_.size(); }
  void AskAside();

  // Sessions in the order they were made; `newest` for the one of the newest producer.
  SimulatedSession& session(size_t index) { return *sessions_[index]; }
  SimulatedSession& newest() { return *sessions_.back(); }
  size_t sessions() const { return sessions_.size(); }

  // As when a disk has failed: nothing is written from now on, and everything sent fails.
  void Break() { broken_ = true; }

  // Behind everybody's back: adds a message; loses everything from an offset on; begins anew.
  int64_t Put(int partition, std::shared_ptr<const std::string> body);
  void Cut(int partition, int64_t from);
  // As a new leader whose followers do not have everything yet: nothing is shown from an offset on,
  // and where the log ends can not be told, until it is shown.
  void Hide(int partition, int64_t from) { hidden_[partition] = from; }
  void Show(int partition) { hidden_.erase(partition); }
  void Swap(int partition, std::vector<std::shared_ptr<const std::string>> content = {});
  size_t size(int partition) const { return logs_[static_cast<size_t>(partition)].size(); }
  const std::string& body(int partition, int64_t offset) const;

 private:
  bool Chance(double chance);

  record::Random& random_;
  SimulatedFaults faults_;
  bool broken_ = false;
  std::vector<std::vector<std::shared_ptr<const std::string>>> logs_;
  std::map<int, int64_t> hidden_;  // from which offset on, by partition
  std::vector<std::shared_ptr<SimulatedSession>> sessions_;
  std::deque<std::function<void()>> aside_;  // held
};

}  // namespace crm::log
