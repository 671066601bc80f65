#include "libs/rpc/dispatcher.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "crm/record/v1/methods.pb.h"
#include "crm/sales/v1/lead.pb.h"
#include "libs/rpc/live_shard.h"

// The dispatcher over a shard with threads of its own, as a server has it: many callers at once.
namespace crm::rpc {
namespace {

using sales::v1::Lead;

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
