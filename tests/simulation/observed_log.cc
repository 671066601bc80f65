#include "tests/simulation/observed_log.h"

#include "libs/record/check.h"

namespace crm::simulation {
namespace {

class ObservedProducer final : public log::Producer {
 public:
  ObservedProducer(std::unique_ptr<log::Producer> producer, const ObservedLog::Observe& observe)
      : producer_(std::move(producer)), observe_(observe) {}

  void Send(std::vector<log::Outgoing> messages) override {
    for (const log::Outgoing& message : messages) {
      const auto parts = log::SplitBody(*message.body);
      log::Envelope envelope;
      CRM_CHECK(parts && envelope.ParseFromArray(parts->envelope.data(),
                                                 static_cast<int>(parts->envelope.size())));
      observe_(envelope);
    }
    producer_->Send(std::move(messages));
  }
  std::vector<log::Report> TakeReports() override { return producer_->TakeReports(); }

 private:
  const std::unique_ptr<log::Producer> producer_;
  const ObservedLog::Observe& observe_;
};

}  // namespace

std::unique_ptr<log::Producer> ObservedLog::NewProducer(int partition, std::function<void()> wake) {
  return std::make_unique<ObservedProducer>(log_.NewProducer(partition, std::move(wake)), observe_);
}

}  // namespace crm::simulation
