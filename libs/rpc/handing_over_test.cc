#include <gtest/gtest.h>

#include <future>

#include "crm/record/v1/methods.pb.h"
#include "libs/rpc/dispatcher.h"
#include "libs/rpc/live_shard.h"

namespace crm::rpc {
namespace {

// A process that owns its leads, and believes for a moment longer that identity's partition is its
// own, too.
class HandingOver final : public Host {
 public:
  Place Find(std::string_view service, std::string_view tenant) override {
    const Place place = sales_.Find(service, tenant);
    return place.partition >= 0 ? place : identity_.Find(service, tenant);
  }
  std::vector<std::string> Services() const override { return {"identity", "sales"}; }
  const record::Clock& clock() const { return sales_.clock(); }

 private:
  LiveShard sales_;
  LiveShard identity_{"identity", false};
};

class HandingOverTest : public testing::Test {
 protected:
  HandingOverTest() : dispatcher_({true, "key"}, TheCatalogue(), host_, host_.clock()) {}

  static Call CallOf(const std::string& method, const google::protobuf::Message& request) {
    Call call;
    call.path = "/crm.sales.v1.Leads/" + method;
    call.metadata = {{"crm-tenant", "test"}, {"crm-user", "ana@example.com"}};
    call.request = request.SerializeAsString();
    call.loopback = true;
    return call;
  }

  HandingOver host_;
  Dispatcher dispatcher_;
};

// Nothing was done yet, so that whoever passes calls on may look for the owner again.
TEST_F(HandingOverTest, ACallThatCouldNotBeAdmittedMayBeTriedElsewhere) {
  std::promise<Answer> answered;
  dispatcher_.Unary(CallOf("ListLeads", record::v1::ListRequest()),
                    [&](Answer given) { answered.set_value(std::move(given)); });
  const Answer answer = answered.get_future().get();
  EXPECT_EQ(record::ReasonOf(answer.status), "NOT_SERVING");
  ASSERT_TRUE(answer.elsewhere);
  EXPECT_EQ(answer.elsewhere->service, "sales");
  EXPECT_EQ(answer.elsewhere->partition, 0);
}

TEST_F(HandingOverTest, AWatchThatCouldNotBeAdmittedMayBeTriedElsewhere) {
  const auto stream = dispatcher_.Open(CallOf("WatchLeads", record::v1::WatchRequest()));
  std::promise<Stream::Item> first;
  stream->Next([&](Stream::Item item) { first.set_value(std::move(item)); });
  const Stream::Item item = first.get_future().get();
  EXPECT_TRUE(item.end);
  EXPECT_EQ(record::ReasonOf(item.status), "NOT_SERVING");
  ASSERT_TRUE(item.elsewhere);
  EXPECT_EQ(item.elsewhere->service, "sales");
  EXPECT_EQ(item.elsewhere->partition, 0);
}

}  // namespace
}  // namespace crm::rpc
