#include <gmock/gmock.h>

#include <future>

#include "libs/rpc/server/grpc_peers.h"
#include "libs/rpc/server/serving_test.h"

namespace crm::rpc {
namespace {

using testing::Contains;
using testing::Field;

constexpr auto kPatience = std::chrono::seconds(20);

// Opens as it is told, sends nothing, and ends when it is cancelled; or does not open.
class Silent final : public Stream {
 public:
  explicit Silent(std::optional<Metadata> initial) : initial_(std::move(initial)) {}
  void Initial(std::function<void(std::optional<Metadata>)> done) override { done(initial_); }
  void Next(std::function<void(Item)> done) override {
    std::unique_lock lock(mutex_);
    waiting_ = std::move(done);
    EndIfDue(&lock);
  }
  void Cancel() override {
    std::unique_lock lock(mutex_);
    cancelled_ = true;
    EndIfDue(&lock);
  }

 private:
  void EndIfDue(std::unique_lock<std::mutex>* lock) {
    if (!waiting_ || (initial_ && !cancelled_)) return;
    Item item;
    item.end = true;
    if (!initial_) item.status = record::Unavailable("NOT_SERVING", "Elsewhere.", 100);
    auto done = std::exchange(waiting_, nullptr);
    lock->unlock();
    done(std::move(item));
  }

  const std::optional<Metadata> initial_;
  std::mutex mutex_;
  bool cancelled_ = false;
  std::function<void(Item)> waiting_;
};

// A stream that another server serves.
class PassedOn : public testing::Test {
 protected:
  void Open(std::optional<Metadata> initial) {
    server_ = StartServer({{"/test.Echo/Watch", StreamFunction([initial](const Call&) {
                              return std::make_shared<Silent>(initial);
                            })}});
    Call call;
    call.path = "/test.Echo/Watch";
    stream_ = peers_.Open("127.0.0.1:" + std::to_string(server_->port()), call);
  }
  std::optional<Metadata> Initial() {
    auto promise = std::make_shared<std::promise<std::optional<Metadata>>>();
    stream_->Initial([promise](auto initial) { promise->set_value(std::move(initial)); });
    return Got<std::optional<Metadata>>(promise->get_future());
  }
  Stream::Item Next() {
    auto promise = std::make_shared<std::promise<Stream::Item>>();
    stream_->Next([promise](auto item) { promise->set_value(std::move(item)); });
    return Got<Stream::Item>(promise->get_future());
  }

  std::shared_ptr<Stream> stream_;

 private:
  template <class Value>
  static Value Got(std::future<Value> future) {
    const bool came = future.wait_for(kPatience) == std::future_status::ready;
    EXPECT_TRUE(came);
    return came ? future.get() : Value();
  }

  record::SystemClock clock_;
  GrpcPeers peers_{clock_};
  std::unique_ptr<Server> server_;
};

TEST_F(PassedOn, TellsHowItBeginsBeforeThereIsAMessage) {
  Open(Metadata{{"crm-identity-age", "12"}});
  const auto initial = Initial();
  ASSERT_TRUE(initial);
  EXPECT_THAT(*initial, Contains(testing::AllOf(Field(&record::Metadatum::key, "crm-identity-age"),
                                                Field(&record::Metadatum::value, "12"))));
  stream_->Cancel();
  EXPECT_TRUE(Next().end);
}

TEST_F(PassedOn, TellsThatItDoesNotOpenAndWhy) {
  Open(std::nullopt);
  EXPECT_FALSE(Initial());
  const Stream::Item end = Next();
  EXPECT_TRUE(end.end);
  EXPECT_EQ(record::ReasonOf(end.status), "NOT_SERVING");
}

}  // namespace
}  // namespace crm::rpc
