#include "libs/log/simulated.h"

#include <algorithm>
#include <utility>

#include "libs/record/check.h"

namespace crm::log {
namespace {

// Dead sessions older than this are forgotten, as a broker forgets what was on its way.
constexpr size_t kSessionsSteppedMax = 8;

class SimulatedProducer final : public Producer {
 public:
  SimulatedProducer(std::shared_ptr<SimulatedSession> session, const SimulatedLog& log)
      : session_(std::move(session)), log_(log) {}
  ~SimulatedProducer() override { session_->Die(log_.faults().given_up > 0); }

  void Send(std::vector<Outgoing> messages) override { session_->Send(std::move(messages)); }
  std::vector<Report> TakeReports() override { return session_->TakeReports(); }

 private:
  const std::shared_ptr<SimulatedSession> session_;
  const SimulatedLog& log_;
};

}  // namespace

SimulatedFaults SimulatedFaults::Wild() {
  SimulatedFaults wild;
  wild.expires = 0.07;
  wild.given_up = 0.5;
  wild.ghost_lands = 0.15;
  wild.refused = 0.01;
  wild.answer_lost = 0.08;
  wild.pipelined = 0.15;
  wild.repeated = 0.3;
  wild.failed = 0.3;
  wild.fatal = 0.05;
  wild.no_offset = 0.04;
  wild.report_held = 0.05;
  wild.short_read = 0.1;
  wild.unreachable = 0.01;
  wild.aside_held = 0.5;
  return wild;
}

SimulatedLog::SimulatedLog(int partitions, record::Random& random, SimulatedFaults faults)
    : random_(random), faults_(faults), logs_(static_cast<size_t>(partitions)) {}

SimulatedLog::~SimulatedLog() = default;

bool SimulatedLog::Chance(double chance) {
  return chance > 0 && static_cast<double>(random_.Next() >> 11) * 0x1p-53 < chance;
}

std::unique_ptr<Producer> SimulatedLog::NewProducer(int partition, std::function<void()> wake) {
  CRM_CHECK(partition >= 0 && partition < partitions());
  sessions_.push_back(
      std::make_shared<SimulatedSession>(this, partition, random_, std::move(wake)));
  return std::make_unique<SimulatedProducer>(sessions_.back(), *this);
}

record::Result<std::vector<Stored>> SimulatedLog::Read(int partition, int64_t from,
                                                       size_t max_bytes) {
  const auto& log = logs_[static_cast<size_t>(partition)];
  if (Chance(faults_.unreachable)) return record::Error{"the broker can not be reached", true};
  if (from < 0 || from > static_cast<int64_t>(log.size())) {
    return record::Error{"offset " + std::to_string(from) + " is out of range"};
  }
  const auto hidden = hidden_.find(partition);
  const size_t end = hidden == hidden_.end()
                         ? log.size()
                         : std::min(log.size(), static_cast<size_t>(hidden->second));
  const size_t limit = Chance(faults_.short_read) ? 1 + random_.Next() % 2 : log.size();
  std::vector<Stored> out;
  size_t bytes = 0;
  for (size_t at = static_cast<size_t>(from); at < end && out.size() < limit; ++at) {
    if (!out.empty() && bytes >= max_bytes) break;
    out.push_back({static_cast<int64_t>(at), log[at]});
    bytes += log[at]->size();
  }
  return out;
}

record::Result<int64_t> SimulatedLog::End(int partition) {
  if (Chance(faults_.unreachable)) return record::Error{"the broker can not be reached", true};
  if (hidden_.contains(partition)) return record::Error{"the leader does not know yet", true};
  return static_cast<int64_t>(size(partition));
}

void SimulatedLog::Aside(std::function<void()> work) {
  if (Chance(faults_.aside_held)) {
    aside_.push_back(std::move(work));
  } else {
    work();
  }
}

void SimulatedLog::AskAside() {
  for (const auto& work : std::exchange(aside_, {})) work();
}

bool SimulatedLog::Step() {
  // Now and then, or there would be nothing else while checks go on.
  if (!aside_.empty() && (faults_.aside_held == 0 || random_.Next() % 4 == 0)) {
    AskAside();
    return true;
  }
  const size_t recent = std::min(sessions_.size(), kSessionsSteppedMax * logs_.size());
  const size_t first = sessions_.size() - recent;
  // Begins at a random one and takes the first that has something to do.
  const size_t start = recent == 0 ? 0 : random_.Next() % recent;
  for (size_t i = 0; i < recent; ++i) {
    const auto session = sessions_[first + (start + i) % recent];
    if (session->Step(faults_)) return true;
  }
  return false;
}

void SimulatedLog::Settle() {
  const SimulatedFaults calm;
  for (const auto& session : sessions_) {
    while (session->Step(calm)) {
    }
  }
}

int64_t SimulatedLog::Put(int partition, std::shared_ptr<const std::string> body) {
  auto& log = logs_[static_cast<size_t>(partition)];
  log.push_back(std::move(body));
  return static_cast<int64_t>(log.size()) - 1;
}

void SimulatedLog::Cut(int partition, int64_t from) {
  logs_[static_cast<size_t>(partition)].resize(static_cast<size_t>(from));
}

void SimulatedLog::Swap(int partition, std::vector<std::shared_ptr<const std::string>> content) {
  logs_[static_cast<size_t>(partition)] = std::move(content);
}

const std::string& SimulatedLog::body(int partition, int64_t offset) const {
  return *logs_[static_cast<size_t>(partition)][static_cast<size_t>(offset)];
}

}  // namespace crm::log
