#include "tools/crmctl/batch_faults.h"

#include <gtest/gtest.h>

#include <sstream>

#include "google/rpc/code.pb.h"
#include "google/rpc/error_details.pb.h"
#include "libs/record/status.h"
#include "tools/crmctl/connection.h"

namespace crm::ctl {
namespace {

const std::vector<std::string> kNames = {"leads/a", "leads/b", "leads/c", "leads/d"};

TEST(BatchFaults, FindsRowsByTheirPaths) {
  auto status =
      record::InvalidArgument({{"requests[3].lead.email", "INVALID_FORMAT", "No address."},
                               {"requests[1].lead.last_name", "REQUIRED_FIELD", "Missing."},
                               {"requests[1].lead.address1.city", "TOO_LONG", "Long."},
                               {"requests[2].lead_id", "INVALID_FORMAT", "No UUID."},
                               {"requests[9].lead.email", "INVALID_FORMAT", "None of ours."}});
  BatchFaults faults = FaultsOf(status, kNames);
  EXPECT_TRUE(faults.there.empty());
  ASSERT_EQ(faults.wrong.size(), 3u);
  EXPECT_EQ(faults.wrong[1], (std::vector<RowFault>{{"last_name", "REQUIRED_FIELD", "Missing."},
                                                    {"address1.city", "TOO_LONG", "Long."}}));
  EXPECT_EQ(faults.wrong[2], (std::vector<RowFault>{{"lead_id", "INVALID_FORMAT", "No UUID."}}));
  EXPECT_EQ(faults.wrong[3], (std::vector<RowFault>{{"email", "INVALID_FORMAT", "No address."}}));
}

TEST(BatchFaults, KnowsRowsThatAreThere) {
  auto several =
      record::InvalidArgument({{"requests[0].lead_id", "ID", "It exists."},
                               {"requests[2].lead_id", "ID", "It exists."},
                               {"requests[3].lead.email", "INVALID_FORMAT", "No address."}});
  EXPECT_EQ(FaultsOf(several, kNames).there, (std::set<size_t>{0, 2}));
  EXPECT_EQ(FaultsOf(several, kNames).wrong.size(), 1u);

  auto status = record::MakeStatus(record::kAlreadyExists, "ID", "leads/c exists.",
                                   {{"name", "leads/c"}, {"field", "requests[2].lead_id"}});
  EXPECT_EQ(FaultsOf(status, kNames).there, std::set<size_t>{2});
  status =
      record::MakeStatus(record::kAlreadyExists, "ID", "leads/b exists.", {{"name", "leads/b"}});
  EXPECT_EQ(FaultsOf(status, kNames).there, std::set<size_t>{1});
}

TEST(BatchFaults, TakesAnotherRecordsKeyForAFault) {
  auto status = record::MakeStatus(record::kAlreadyExists, "ALTERNATE_KEY", "Another has it.",
                                   {{"field", "requests[0].lead.email"}});
  BatchFaults faults = FaultsOf(status, kNames);
  EXPECT_TRUE(faults.there.empty());
  EXPECT_EQ(faults.wrong[0],
            (std::vector<RowFault>{{"email", "ALTERNATE_KEY", "Another has it."}}));
}

TEST(BatchFaults, FindsNothingWhereNoRowIsNamed) {
  for (const auto& status : {record::InvalidArgument({{"requests", "OUT_OF_RANGE", "Too many."}}),
                             record::Unavailable("DEPOSED", "Later.", 10)}) {
    BatchFaults faults = FaultsOf(status, kNames);
    EXPECT_TRUE(faults.wrong.empty());
    EXPECT_TRUE(faults.there.empty());
    EXPECT_FALSE(MayBeSplit(status));
  }
  EXPECT_TRUE(MayBeSplit(record::MakeStatus(record::kFailedPrecondition, "SOMETHING", "No.")));
}

TEST(Failure, PrintsReasonFactsAndFields) {
  std::ostringstream out;
  PrintStatus(record::InvalidArgument({{"lead.last_name", "REQUIRED_FIELD", "It must be given."}}),
              out);
  EXPECT_NE(out.str().find("INVALID_ARGUMENT REQUIRED_FIELD: "), std::string::npos) << out.str();
  EXPECT_NE(out.str().find("\n  lead.last_name: REQUIRED_FIELD: It must be given.\n"),
            std::string::npos)
      << out.str();
  std::ostringstream facts;
  PrintStatus(record::MakeStatus(record::kFailedPrecondition, "HAS_CHILDREN", "There is more.",
                                 {{"notes", "3"}}),
              facts);
  EXPECT_EQ(facts.str(), "crmctl: FAILED_PRECONDITION HAS_CHILDREN: There is more.\n  notes = 3\n");
}

TEST(Failure, HasAnExitCodeForEachKind) {
  auto code = [](record::Code status) { return ExitCodeOf(record::MakeStatus(status, "R", "t")); };
  EXPECT_EQ(code(record::kUnavailable), kExitUnavailable);
  EXPECT_EQ(code(record::kDeadlineExceeded), kExitUnavailable);
  EXPECT_EQ(code(record::kNotFound), kExitNotFound);
  EXPECT_EQ(code(record::kAborted), kExitRefused);
  EXPECT_EQ(code(record::kPermissionDenied), kExitPermission);
  EXPECT_EQ(code(record::kInternal), kExitInternal);
}

TEST(Outcomes, AreUnknownOnlyWhereTheCommandMayHaveArrived) {
  Status lost;
  lost.set_code(google::rpc::UNAVAILABLE);
  lost.set_message("Socket closed");
  EXPECT_TRUE(OutcomeUnknown(lost));
  lost.set_message("failed to connect to all addresses; last error: Connection refused");
  EXPECT_FALSE(OutcomeUnknown(lost));
  lost.set_code(google::rpc::DEADLINE_EXCEEDED);
  EXPECT_TRUE(OutcomeUnknown(lost));
  EXPECT_TRUE(OutcomeUnknown(record::Unavailable("OUTCOME_UNKNOWN", "", 200)));
  EXPECT_FALSE(OutcomeUnknown(record::Unavailable("NOT_SERVING", "", 200)));
  EXPECT_FALSE(
      OutcomeUnknown(record::MakeStatus(record::kDeadlineExceeded, "DEADLINE_PASSED", "")));
  EXPECT_FALSE(OutcomeUnknown(record::NotFound("leads/a")));
}

class Retries : public testing::Test {
 protected:
  Status Send(std::vector<Status> answers) {
    return SendWithRetries([&] { return answers.at(std::min(sent_++, answers.size() - 1)); },
                           [&](auto pause) { pauses_.push_back(pause.count()); });
  }
  size_t sent_ = 0;
  std::vector<int64_t> pauses_;
};

TEST_F(Retries, PauseLongerEachTime) {
  auto away = record::MakeStatus(record::kUnavailable, "AWAY", "");
  EXPECT_EQ(Send({away}).code(), google::rpc::UNAVAILABLE);
  EXPECT_EQ(sent_, static_cast<size_t>(kRetries) + 1);
  EXPECT_EQ(pauses_, (std::vector<int64_t>{200, 400, 800, 1600, 3200}));
}

TEST_F(Retries, HonourWhatTheServerAsksFor) {
  EXPECT_EQ(
      Send({record::ResourceExhausted("QUEUE", "", 700), record::Unavailable("AWAY", "", 50), {}})
          .code(),
      google::rpc::OK);
  EXPECT_EQ(pauses_, (std::vector<int64_t>{700, 400}));
}

TEST_F(Retries, LeaveFinalAnswersAlone) {
  EXPECT_EQ(Send({record::NotFound("leads/a")}).code(), google::rpc::NOT_FOUND);
  EXPECT_EQ(Send({record::MakeStatus(record::kResourceExhausted, "TOO_LARGE", "")}).code(),
            google::rpc::RESOURCE_EXHAUSTED);
  EXPECT_TRUE(pauses_.empty());
}

}  // namespace
}  // namespace crm::ctl
