#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "tests/server/cluster.h"
#include "tests/server/filled.h"
#include "tests/server/records.h"

// Two instances: what one of them owns is served through the other just the same.
namespace crm::test {
namespace {

class Forwarding : public testing::Test {
 protected:
  static constexpr char kTenant[] = "acme";
  static Cluster& Two() {
    static Cluster cluster(2);
    return cluster;
  }
  void SetUp() override { owner_ = Two().OwnerOf(kTenant); }
  Client Owner() { return {Two()[owner_], kTenant}; }
  Client Other() { return {Two()[1 - owner_], kTenant}; }
  size_t owner_ = 0;
};

TEST_F(Forwarding, TakesCommandsAndReadsAnywhere) {
  const auto created = Create(Other(), FullLead(1), "forwarded-1");
  ASSERT_TRUE(created.ok()) << created;
  EXPECT_NE(created.position(), "");
  const auto read = Get<Lead>(Owner(), created.body.name());
  ASSERT_TRUE(read.ok()) << read;
  EXPECT_TRUE(Equal(read.body, created.body));
  const auto elsewhere = Get<Lead>(Other(), created.body.name());
  ASSERT_TRUE(elsewhere.ok()) << elsewhere;
  EXPECT_TRUE(Equal(elsewhere.body, created.body));
  // The same request again, through whom ever, is the same command.
  const auto again = Create(Owner(), FullLead(1), "forwarded-1");
  ASSERT_TRUE(again.ok()) << again;
  EXPECT_TRUE(Equal(again.body, created.body));
}

TEST_F(Forwarding, KeepsErrorsWithTheirDetails) {
  Lead nobody = FullLead(1);
  nobody.set_email("no address");
  nobody.clear_name();
  const auto here = Create(Owner(), nobody);
  const auto there = Create(Other(), nobody);
  EXPECT_EQ(there.code, here.code);
  EXPECT_EQ(there.reason, here.reason);
  EXPECT_EQ(there.faults, here.faults);
  EXPECT_FALSE(there.faults.empty());
  const auto missing = Get<Lead>(Other(), "leads/" + IdOf(424242));
  EXPECT_EQ(missing.code, grpc::StatusCode::NOT_FOUND);
}

TEST_F(Forwarding, KeepsTrailingMetadata) {
  auto request = RequestFor<sales::v1::CreateLeadRequest>(NewLead("Ionescu"));
  request.set_validate_only(true);
  const auto there = Other().Call<Lead>(OneOf<Lead>("Create"), request);
  ASSERT_TRUE(there.ok()) << there;
  EXPECT_THAT(there.Trailing("crm-events"), testing::HasSubstr("crm.sales.v1.lead.created"));
}

TEST_F(Forwarding, PassesACallOnOnlyOnce) {
  const auto refused = Create(Other().With({{"crm-forwarded", "127.0.0.1:1"}}), NewLead("Ionescu"));
  EXPECT_EQ(refused.code, grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(refused.reason, "NOT_SERVING");
  EXPECT_TRUE(refused.retry_after);
}

TEST_F(Forwarding, PassesStreamsOn) {
  record::v1::WatchRequest request;
  const auto stream = Other().Open(ManyOf<Lead>("Watch"), request);
  sales::v1::LeadChange change;
  const auto created = Create(Owner(), NewLead("Watched"));
  // The watch may have begun before or after that.
  const auto later = Update(Owner(), [&] {
    Lead lead;
    lead.set_name(created.body.name());
    lead.set_subject("Seen");
    return lead;
  }());
  ASSERT_TRUE(later.ok()) << later;
  const auto marked = Create(Owner(), NewLead("Marked"));
  bool seen = false;
  while (!seen && stream->Next(&change)) seen = change.lead().name() == marked.body.name();
  EXPECT_TRUE(seen || !stream->Finish().ok());
}

TEST_F(Forwarding, ReadsAtAStandbyOnlyWhenAsked) {
  const auto created = Create(Owner(), NewLead("Stale"));
  ASSERT_TRUE(created.ok()) << created;
  // Marked as passed on, so that it is this very instance that answers.
  const Client standby = Other().With({{"crm-forwarded", "test"}});
  EXPECT_EQ(Get<Lead>(standby, created.body.name()).code, grpc::StatusCode::UNAVAILABLE);
  const auto read = Get<Lead>(
      standby.With({{"crm-max-staleness", "60"}, {"crm-min-position", created.position()}}),
      created.body.name());
  ASSERT_TRUE(read.ok()) << read;
  EXPECT_TRUE(Equal(read.body, created.body));
  EXPECT_NE(read.position(), "");
  EXPECT_EQ(Get<Lead>(standby.With({{"crm-max-staleness", "0ms"}}), created.body.name()).code,
            grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(Get<Lead>(standby.With({{"crm-max-staleness", "soon"}}), created.body.name()).code,
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(Forwarding, FollowsTheOwnerThatTakesOver) {
  Cluster& cluster = Two();
  cluster[owner_].Signal(SIGSTOP);
  Lead lead;
  auto request = RequestFor<sales::v1::CreateLeadRequest>(NewLead("Waiting"));
  request.set_request_id("waiting");
  Outcome outcome;
  do {
    outcome =
        Other().Within(std::chrono::seconds(20)).CallInto(OneOf<Lead>("Create"), request, &lead);
  } while (MayBeTriedAgain(outcome));
  // By then another owns it; who stood still must not answer for it any more.
  EXPECT_TRUE(outcome.ok()) << outcome;
  cluster[owner_].Signal(SIGCONT);
  const Client former = Client(cluster[owner_], kTenant);
  Outcome read;
  do {
    read = Get<Lead>(former, lead.name());
    EXPECT_NE(read.code, grpc::StatusCode::NOT_FOUND) << read;
  } while (MayBeTriedAgain(read));
  EXPECT_TRUE(read.ok()) << read;
}

}  // namespace
}  // namespace crm::test
