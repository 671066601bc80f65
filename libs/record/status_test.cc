#include "libs/record/status.h"

#include <gtest/gtest.h>

#include "google/rpc/error_details.pb.h"

namespace crm::record {
namespace {

TEST(Status, CarriesItsReasonAndMetadata) {
  Status status =
      MakeStatus(kFailedPrecondition, "LEAD_ALREADY_QUALIFIED", "It is.", {{"name", "leads/1"}});
  EXPECT_EQ(status.code(), 9);
  EXPECT_EQ(ReasonOf(status), "LEAD_ALREADY_QUALIFIED");
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(status.details(0).UnpackTo(&info));
  EXPECT_EQ(info.domain(), "recall");
  EXPECT_EQ(info.metadata().at("name"), "leads/1");
  EXPECT_EQ(ReasonOf(Status()), "");
}

TEST(Status, NamesEveryFieldAtFault) {
  Status status = InvalidArgument({{"lead.email", "INVALID_FORMAT", "no e-mail address"},
                                   {"lead.subject", "REQUIRED_FIELD", "must be given"}});
  EXPECT_EQ(status.code(), kInvalidArgument);
  EXPECT_EQ(ReasonOf(status), "INVALID_FORMAT");
  EXPECT_EQ(status.message(), "lead.email: no e-mail address (and 1 more)");
  google::rpc::BadRequest bad;
  ASSERT_TRUE(status.details(1).UnpackTo(&bad));
  ASSERT_EQ(bad.field_violations_size(), 2);
  EXPECT_EQ(bad.field_violations(1).field(), "lead.subject");
  EXPECT_EQ(bad.field_violations(1).reason(), "REQUIRED_FIELD");
}

TEST(Status, StaysSmallHoweverMuchIsWrong) {
  Status status = InvalidArgument(
      std::vector<Violation>(5000, {"custom.x", "UNKNOWN_FIELD", "there is no such field"}));
  EXPECT_LT(status.ByteSizeLong(), 4096u);
  EXPECT_EQ(status.message(), "custom.x: there is no such field (and 4999 more)");
}

TEST(Status, SaysWhatIsMissingAndWhenToTryAgain) {
  google::rpc::ResourceInfo resource;
  ASSERT_TRUE(NotFound("leads/1").details(1).UnpackTo(&resource));
  EXPECT_EQ(resource.resource_type(), "leads");
  EXPECT_EQ(resource.resource_name(), "leads/1");
  google::rpc::RetryInfo retry;
  ASSERT_TRUE(Unavailable("NO_OWNER", "Nobody.", 1250).details(1).UnpackTo(&retry));
  EXPECT_EQ(retry.retry_delay().seconds(), 1);
  EXPECT_EQ(retry.retry_delay().nanos(), 250'000'000);
  EXPECT_EQ(ResourceExhausted("QUEUE_FULL", "Full.", 5).code(), 8);
}

}  // namespace
}  // namespace crm::record
