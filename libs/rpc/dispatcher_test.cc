#include "libs/rpc/dispatcher.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

#include "crm/record/v1/methods.pb.h"
#include "crm/sales/v1/lead.pb.h"
#include "libs/log/embedded.h"
#include "libs/log/temporary_folder.h"
#include "libs/record/built_in.h"

// The dispatcher over a shard with threads of its own, as a server has it: many callers at once.
namespace crm::rpc {
namespace {

using sales::v1::Lead;

const record::Catalogue& TheCatalogue() {
  static const auto catalogue = record::BuiltInCatalogue();
  return **catalogue;
}

class LiveShard final : public Host {
 public:
  LiveShard() {
    log_ = std::move(*log::OpenEmbedded({folder_.path(), 1, 1 << 20}));
    store::StoreOptions store_options;
    store_options.path = "/live";
    store_options.disk = store::Disk::InMemory();
    store_ = std::move(*store::Store::Open(store_options, TheCatalogue()));
    shard::Options options;
    options.service = "sales";
    options.source = "/crm/sales";
    shard_ = std::make_unique<shard::Shard>(options, TheCatalogue(), behaviours_, *log_, *store_,
                                            clock_, random_, [this] { Wake(); });
    shard_->Assign(true);
    thread_ = std::thread([this] { Run(); });
  }
  ~LiveShard() override {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    woken_.notify_one();
    thread_.join();
    shard_->Stop();
  }
  Place Find(std::string_view service, std::string_view) override {
    if (service != "sales") return {};
    return {"sales", 0, shard_.get(), true};
  }
  std::vector<std::string> Services() const override { return {"sales"}; }
  const record::Clock& clock() const { return clock_; }

 private:
  void Wake() {
    {
      std::lock_guard lock(mutex_);
      work_ = true;
    }
    woken_.notify_one();
  }
  void Run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      work_ = false;
      lock.unlock();
      while (shard_->Step()) {
      }
      lock.lock();
      woken_.wait_for(lock, std::chrono::milliseconds(20), [this] { return work_ || stopping_; });
    }
  }

  log::TemporaryFolder folder_;
  record::SystemClock clock_;
  record::SystemRandom random_;
  shard::Behaviours behaviours_;
  std::unique_ptr<log::Log> log_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<shard::Shard> shard_;
  std::mutex mutex_;
  std::condition_variable woken_;
  bool work_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

class DispatcherTest : public testing::Test {
 protected:
  DispatcherTest() : dispatcher_({true, "key"}, TheCatalogue(), host_, host_.clock()) {}

  Answer Ask(const std::string& method, const google::protobuf::Message& request,
             const std::string& tenant = "test") {
    Call call;
    call.path = "/crm.sales.v1.Leads/" + method;
    call.metadata = {{"crm-tenant", tenant}, {"crm-user", "ana@example.com"}};
    call.request = request.SerializeAsString();
    call.loopback = true;
    std::promise<Answer> answered;
    auto answer = answered.get_future();
    dispatcher_.Unary(std::move(call), [&](Answer given) { answered.set_value(std::move(given)); });
    return answer.get();
  }
  Answer Create(const std::string& last_name, const std::string& tenant = "test") {
    sales::v1::CreateLeadRequest request;
    request.mutable_lead()->set_subject("Training");
    request.mutable_lead()->set_last_name(last_name);
    return Ask("CreateLead", request, tenant);
  }
  static Lead LeadOf(const Answer& answer) {
    Lead lead;
    EXPECT_EQ(answer.status.code(), record::kOk) << answer.status.message();
    EXPECT_TRUE(lead.ParseFromString(answer.body));
    return lead;
  }

  LiveShard host_;
  Dispatcher dispatcher_;
};

TEST_F(DispatcherTest, ManyCallersAtOnceSeeTheirOwnWrites) {
  constexpr int kCallers = 4;
  constexpr int kCalls = 50;
  std::vector<std::thread> callers;
  std::atomic<int> seen{0};
  for (int caller = 0; caller < kCallers; ++caller) {
    callers.emplace_back([&, caller] {
      const std::string tenant = "tenant-" + std::to_string(caller % 2);
      for (int i = 0; i < kCalls; ++i) {
        const Lead created = LeadOf(Create("Ionescu", tenant));
        record::v1::GetRequest get;
        get.set_name(created.name());
        seen += LeadOf(Ask("GetLead", get, tenant)).etag() == "1";
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(seen, kCallers * kCalls);
}

TEST_F(DispatcherTest, ConcurrentUpdatesWithAnEtagLetOneWin) {
  const Lead lead = LeadOf(Create("Popescu"));
  std::vector<std::thread> callers;
  std::atomic<int> won{0};
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&, caller] {
      sales::v1::UpdateLeadRequest request;
      request.mutable_lead()->set_name(lead.name());
      request.mutable_lead()->set_etag("1");
      request.mutable_lead()->set_description("by caller " + std::to_string(caller));
      const Answer answer = Ask("UpdateLead", request);
      won += answer.status.code() == record::kOk;
      if (answer.status.code() != record::kOk) {
        EXPECT_EQ(record::ReasonOf(answer.status), "VERSION_CONFLICT");
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(won, 1);
}

TEST_F(DispatcherTest, AWatchSendsWhatOtherThreadsWrite) {
  Create("Lead 0");  // once it is answered, the shard serves
  Call call;
  call.path = "/crm.sales.v1.Leads/WatchLeads";
  call.metadata = {{"crm-tenant", "test"}, {"crm-user", "ana@example.com"}};
  record::v1::WatchRequest request;
  request.set_position("0");
  call.request = request.SerializeAsString();
  call.loopback = true;
  auto stream = dispatcher_.Open(std::move(call));
  std::thread writer([&] {
    for (int i = 1; i < 5; ++i) Create("Lead " + std::to_string(i));
  });
  for (int i = 0; i < 5; ++i) {
    std::promise<Stream::Item> next;
    stream->Next([&](Stream::Item item) { next.set_value(std::move(item)); });
    const Stream::Item item = next.get_future().get();
    EXPECT_FALSE(item.end) << item.status.message();
    sales::v1::LeadChange change;
    EXPECT_TRUE(change.ParseFromString(item.message));
    EXPECT_EQ(change.lead().last_name(), "Lead " + std::to_string(i));
    EXPECT_EQ(change.change().event(), "crm.sales.v1.lead.created");
  }
  writer.join();
  stream->Cancel();
}

TEST_F(DispatcherTest, TrustsMetadataOnLoopbackOnly) {
  Call call;
  call.path = "/crm.sales.v1.Leads/ListLeads";
  call.metadata = {{"crm-tenant", "test"}, {"crm-user", "ana@example.com"}};
  std::promise<Answer> answered;
  dispatcher_.Unary(std::move(call), [&](Answer given) { answered.set_value(std::move(given)); });
  EXPECT_EQ(record::ReasonOf(answered.get_future().get().status), "NO_SIGN_IN");
}

}  // namespace
}  // namespace crm::rpc
