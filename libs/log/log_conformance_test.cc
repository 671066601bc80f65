#include <condition_variable>
#include <mutex>

#include "libs/log/conformance.h"
#include "libs/log/embedded.h"
#include "libs/log/simulated.h"
#include "libs/log/temporary_folder.h"

namespace crm::log {
namespace {

class Embedded final : public Implementation {
 public:
  Embedded() { Open(); }
  Log& log() override { return *log_; }
  void Reopen() override {
    log_.reset();
    Open();
  }
  void Progress() override {
    std::unique_lock lock(mutex_);
    woken_.wait_for(lock, std::chrono::milliseconds(1),
                    [this] { return std::exchange(wake_, false); });
  }
  void Wake() override {
    std::lock_guard lock(mutex_);
    wake_ = true;
    woken_.notify_one();
  }

 private:
  void Open() {
    auto opened = OpenEmbedded({folder_.path(), 2, 64 << 10});
    ASSERT_TRUE(opened) << opened.error().text;
    log_ = std::move(*opened);
  }

  TemporaryFolder folder_;
  std::mutex mutex_;
  std::condition_variable woken_;
  bool wake_ = false;
  std::unique_ptr<Log> log_;
};

class Simulated final : public Implementation {
 public:
  Log& log() override { return log_; }
  void Reopen() override {}
  void Progress() override { log_.Step(); }
  void Wake() override {}

 private:
  SeededRandom random_{3};
  SimulatedLog log_{2, random_};
};

INSTANTIATE_TEST_SUITE_P(
    Logs, LogConformance,
    testing::Values(ImplementationName{"Embedded", [] { return std::make_unique<Embedded>(); }},
                    ImplementationName{"Simulated", [] { return std::make_unique<Simulated>(); }}),
    [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace crm::log
