#include <condition_variable>
#include <mutex>

#include "libs/log/conformance.h"
#include "libs/log/kafka.h"
#include "tests/server/kafka.h"

namespace crm::log {
namespace {

class OnKafka final : public Implementation {
 public:
  OnKafka() : topic_(test::Kafka::NewTopic()) { Open(); }
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
    KafkaOptions options;
    options.brokers = test::Kafka::Shared().bootstrap();
    options.topic = topic_;
    options.partitions = 2;
    options.allow_unsafe = true;
    auto opened = OpenKafka(options);
    ASSERT_TRUE(opened) << opened.error().text;
    log_ = std::move(*opened);
  }

  const std::string topic_;
  std::mutex mutex_;
  std::condition_variable woken_;
  bool wake_ = false;
  std::unique_ptr<Log> log_;
};

INSTANTIATE_TEST_SUITE_P(Kafka, LogConformance,
                         testing::Values(ImplementationName{
                             "Kafka", [] { return std::make_unique<OnKafka>(); }}),
                         [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace crm::log
