#include "libs/runtime/schema_publisher.h"

#include <chrono>
#include <utility>

namespace crm::runtime {
namespace {

constexpr auto kPause = std::chrono::seconds(10);

}  // namespace

SchemaPublisher::SchemaPublisher(log::KafkaOptions options, std::string sha256,
                                 std::string descriptor_set)
    : options_(std::move(options)),
      sha256_(std::move(sha256)),
      descriptor_set_(std::move(descriptor_set)),
      thread_([this] { Run(); }) {}

SchemaPublisher::~SchemaPublisher() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stopped_.notify_one();
  thread_.join();
}

void SchemaPublisher::Run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    const auto published = log::PublishSchema(options_, sha256_, descriptor_set_);
    if (published) {
      options_.tell(log::KafkaLevel::kInfo, "the schema " + sha256_ + " is in crm.schemas");
      return;
    }
    options_.tell(log::KafkaLevel::kWarning, published.error().text);
    lock.lock();
    stopped_.wait_for(lock, kPause, [this] { return stopping_; });
  }
}

}  // namespace crm::runtime
