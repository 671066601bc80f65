#include <gtest/gtest.h>
#include <prometheus/metric_family.h>

#include <chrono>
#include <filesystem>
#include <future>
#include <thread>

#include "crm/record/v1/reactors.pb.h"
#include "libs/log/temporary_folder.h"
#include "libs/rpc/dispatcher.h"
#include "libs/runtime/shard_metrics.h"
#include "libs/runtime/shards.h"
#include "services/sales/sales.h"
#include "tests/services/test_catalogue.h"
#include "tests/services/test_service.h"

// Two services in one process, on embedded logs, as `crm serve` runs them: with threads, files and
// the calls that clients make.
namespace crm::services {
namespace {

using record::v1::GoOnRequest;
using record::v1::ListReactorsRequest;
using record::v1::ListReactorsResponse;

class Embedded : public testing::Test {
 protected:
  void SetUp() override {
    Forbidden().clear();
    settings_.data = folder_.path();
    settings_.partitions = 2;
    Open();
  }

  void Open() {
    auto shards = runtime::Shards::Open(
        settings_,
        {{"sales", sales::RegisterSales}, {"test", RegisterTest, {{"sales", {{"leads", {}}}, {}}}}},
        {}, TheCatalogue(), clock_, [](log::KafkaLevel, const std::string&) {});
    ASSERT_TRUE(shards) << shards.error().text;
    shards_ = std::move(*shards);
    rpc::DispatcherOptions options;
    options.trust_metadata = true;
    options.token_key = "key";
    dispatcher_ = std::make_unique<rpc::Dispatcher>(options, TheCatalogue(), *shards_, clock_);
    ASSERT_TRUE(Until([&] { return shards_->Unready().empty(); }));
  }
  void Close() {
    dispatcher_.reset();
    shards_->HandOver();
    shards_.reset();
  }

  template <class Condition>
  static bool Until(Condition holds) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!holds() && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::yield();
    }
    return holds();
  }

  rpc::Answer Call(const std::string& path, const google::protobuf::Message& request,
                   const std::string& tenant = "acme") {
    rpc::Call call;
    call.path = path;
    call.request = request.SerializeAsString();
    call.loopback = true;
    call.metadata = {{"crm-tenant", tenant},
                     {"crm-user", "users/01920000-0000-7000-8000-0000000000aa"}};
    std::promise<rpc::Answer> answer;
    dispatcher_->Unary(std::move(call), [&](rpc::Answer given) { answer.set_value(given); });
    return answer.get_future().get();
  }
  void CreateLead(const std::string& name, const std::string& tenant = "acme") {
    sales::v1::CreateLeadRequest request;
    request.mutable_lead()->set_subject("chairs");
    request.mutable_lead()->set_last_name(name);
    const auto answer = Call("/crm.sales.v1.Leads/CreateLead", request, tenant);
    ASSERT_EQ(answer.status.code(), record::kOk) << answer.status.message();
  }
  size_t Greetings(const std::string& tenant = "acme") {
    std::promise<shard::ReadResult> result;
    shards_->Find("test", tenant).shard->Read({}, [&](shard::ReadResult read) {
      result.set_value(std::move(read));
    });
    const auto read = result.get_future().get();
    const auto known = read.view ? read.view->Tenant(tenant) : std::nullopt;
    if (!known) return 0;
    const auto* type = TheCatalogue().FindType("greetings");
    size_t count = 0;
    for (auto at = read.view->Scan({known->number, type->number, 0, "", ""}); at->Valid();
         at->Next()) {
      ++count;
    }
    return count;
  }
  record::v1::Reactor Greeter() {
    ListReactorsRequest request;
    request.set_service("test");
    ListReactorsResponse response;
    response.ParseFromString(Call("/crm.record.v1.Reactors/ListReactors", request).body);
    return response.reactors_size() == 1 ? response.reactors(0) : record::v1::Reactor();
  }
  record::Status GoOn(const std::string& method) {
    GoOnRequest request;
    request.set_service("test");
    request.set_reactor(kGreeter);
    return Call("/crm.record.v1.Reactors/" + method, request).status;
  }
  // The sum of a metric's values.
  double Metric(const std::string& name) {
    double sum = 0;
    for (const auto& family : runtime::ShardMetrics(*shards_, clock_).Collect()) {
      if (family.name != name) continue;
      for (const auto& metric : family.metric) sum += metric.gauge.value + metric.counter.value;
    }
    return sum;
  }

  log::TemporaryFolder folder_;
  runtime::Settings settings_;
  record::SystemClock clock_;
  std::unique_ptr<runtime::Shards> shards_;
  std::unique_ptr<rpc::Dispatcher> dispatcher_;
};

TEST_F(Embedded, ReactsOnceOverRestartsAndDeletedProjections) {
  CreateLead("Ana");
  CreateLead("Ion", "globex");
  ASSERT_TRUE(Until([&] { return Greetings() == 1 && Greetings("globex") == 1; }));
  Close();
  Open();
  CreateLead("Eva");
  ASSERT_TRUE(Until([&] { return Greetings() == 2; }));
  Close();
  std::filesystem::remove_all(folder_.path() + "/projections");
  Open();
  CreateLead("Dan");
  ASSERT_TRUE(Until([&] { return Greetings() == 3; }));
  EXPECT_EQ(Greetings("globex"), 1u);
  EXPECT_EQ(Metric("crm_reactor_parked_tenants"), 0);
  ASSERT_TRUE(Until([&] { return Metric("crm_replica_lag_records") == 0; }));
  EXPECT_LT(Metric("crm_replica_lag_seconds"), 2 * 30);
}

TEST_F(Embedded, LetsAnOperatorLookAfterWhatIsParked) {
  Forbidden() = {kForbidden};
  CreateLead(kForbidden);
  CreateLead("Ana");
  ASSERT_TRUE(Until([&] { return !Greeter().parked().empty(); }));
  EXPECT_EQ(Greeter().refusal(), "FORBIDDEN: No.");
  EXPECT_EQ(Greeter().source(), "sales");
  EXPECT_EQ(Metric("crm_reactor_parked_tenants"), 1);
  Close();
  Open();
  ASSERT_TRUE(Until([&] { return !Greeter().parked().empty(); }));
  EXPECT_EQ(Greetings(), 0u);
  EXPECT_EQ(GoOn("RetryEvent").code(), record::kOk);
  ASSERT_TRUE(Until([&] { return !Greeter().parked().empty(); }));
  EXPECT_EQ(GoOn("SkipEvent").code(), record::kOk);
  ASSERT_TRUE(Until([&] { return Greetings() == 1; }));
  EXPECT_EQ(record::ReasonOf(GoOn("SkipEvent")), "NOT_PARKED");
  EXPECT_EQ(Metric("crm_reactor_parked_tenants"), 0);
}

}  // namespace
}  // namespace crm::services
