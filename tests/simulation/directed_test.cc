#include <gtest/gtest.h>

#include <functional>

#include "crm/sales/v1/lead.pb.h"
#include "tests/simulation/check.h"
#include "tests/simulation/world.h"

// Orders of events that seeds bring about in one of hundreds or thousands of runs, forced. Each is
// played twice: as it is nothing may happen, and with its rule left out the invariant must fail.
namespace crm::simulation {
namespace {

constexpr int64_t kSecond = 1'000'000;

// Moves the processes of a world by hand.
class Script {
 public:
  Script(size_t processes, log::Mutations mutations)
      : world_({1, mutations, {}, 0, processes, true}) {}

  World& world() { return world_; }
  log::SimulatedLog& log() { return world_.log(); }
  bool Owns(size_t process) {
    return world_.process(process).shard().owner().role() == log::Owner::Role::kOwner;
  }

  // Runs one process, in steps of a millisecond, until something holds; false if that takes longer
  // than `limit_us`.
  bool Run(size_t process, const std::function<bool()>& until, int64_t limit_us = 30 * kSecond) {
    for (int64_t passed = 0; !until(); passed += 1'000) {
      if (passed > limit_us) return false;
      world_.Pass(1'000);
      world_.process(process).Run();
    }
    return true;
  }
  // The same, while everything that is sent lands at once.
  bool RunAndLand(size_t process, const std::function<bool()>& until,
                  int64_t limit_us = 30 * kSecond) {
    return Run(
        process, [&] { return log().Settle(), until(); }, limit_us);
  }
  void BecomeOwner(size_t process) {
    world_.process(process).Assign(true);
    ASSERT_TRUE(RunAndLand(process, [&] { return Owns(process); }));
  }

  Attempt& Create(size_t process) {
    sales::v1::CreateLeadRequest request;
    request.mutable_lead()->set_subject("first");
    request.mutable_lead()->set_last_name("Doe");
    request.set_lead_id(Workload::ChosenId(0));
    return Send(process, "CreateLead", request);
  }
  Attempt& Update(size_t process) {
    sales::v1::UpdateLeadRequest request;
    request.mutable_lead()->set_name("leads/" + Workload::ChosenId(0));
    request.mutable_lead()->set_subject("second");
    request.mutable_update_mask()->add_paths("subject");
    return Send(process, "UpdateLead", request);
  }
  Attempt& Get(size_t process) {
    Operation& operation = world_.NewOperation(kTenants[0], "users/" + Workload::ChosenId(900));
    Workload::Get("leads/" + Workload::ChosenId(0), &operation);
    return world_.Send(operation, process, 0);
  }

  std::string FindingsText() {
    Check(world_).All();
    return world_.findings().Text();
  }

 private:
  template <class Request>
  Attempt& Send(size_t process, const std::string& method, Request request) {
    Operation& operation = world_.NewOperation(kTenants[0], "users/" + Workload::ChosenId(900));
    operation.path = "/crm.sales.v1.Leads/" + method;
    operation.request_id = "request-" + std::to_string(operation.number);
    request.set_request_id(operation.request_id);
    operation.request = request.SerializeAsString();
    return world_.Send(operation, process, 0);
  }

  World world_;
};

bool IsOk(const Attempt& attempt) {
  return attempt.responded != 0 && attempt.answer.status.code() == record::kOk;
}

// A claim and its first commit land, unanswered; another owner claims; then the lost window is
// written a second time, so that the old claim and its commit stand behind the new one.
void DoubleClaimBehindAnother(Script* script) {
  log::SimulatedLog& log = script->log();
  script->world().process(0).Assign(true);
  ASSERT_TRUE(script->Run(0, [&] { return log.sessions() == 1 && log.session(0).queued() == 1; }));
  log.session(0).LandWithoutAnswer();
  ASSERT_TRUE(script->Run(0, [&] { return script->Owns(0); }));
  script->Create(0);
  ASSERT_TRUE(script->Run(0, [&] { return log.session(0).queued() == 1; }));
  log.session(0).LandWithoutAnswer();

  script->world().process(1).Assign(true);
  ASSERT_TRUE(script->Run(1, [&] { return log.sessions() == 2 && log.session(1).queued() == 1; }));
  log.session(1).Land();
  ASSERT_TRUE(script->Run(1, [&] { return script->Owns(1); }));
  Attempt& update = script->Update(1);
  ASSERT_TRUE(script->Run(1, [&] { return log.session(1).queued() == 1; }));
  log.session(1).Land();
  ASSERT_TRUE(script->Run(1, [&] { return IsOk(update); }));
  log.session(0).Repeat();
}

TEST(Directed, R1_DoubledClaimIsVoid) {
  Script script(2, {});
  DoubleClaimBehindAnother(&script);
  EXPECT_EQ(script.FindingsText(), "");
}

// Three owners within one lease: the first is stalled and serves reads, the second leaves before
// its own wait is over, the third must not take that as leave to answer.
void LeaveBeforeTheWaitIsOver(Script* script, bool* third_answered) {
  script->BecomeOwner(0);
  Attempt& create = script->Create(0);
  ASSERT_TRUE(script->RunAndLand(0, [&] { return IsOk(create); }));
  script->world().process(0).Stall(script->world().time().now_us + 60 * kSecond);

  script->BecomeOwner(1);
  script->world().process(1).Assign(false);
  ASSERT_TRUE(script->RunAndLand(1, [&] { return !script->Owns(1); }));

  script->BecomeOwner(2);
  Attempt& update = script->Update(2);
  *third_answered = script->RunAndLand(
      2, [&] { return IsOk(update); }, kSecond);
  Attempt& get = script->Get(0);
  script->world().process(0).Run();
  ASSERT_TRUE(IsOk(get)) << "the first owner's lease should run still";
}

TEST(Directed, L4_LeavingEarlyVouchesForNobody) {
  Script script(3, {});
  bool third_answered = true;
  LeaveBeforeTheWaitIsOver(&script, &third_answered);
  EXPECT_FALSE(third_answered);
  EXPECT_EQ(script.FindingsText(), "");
}

// Loses the log's last message and puts another in its place, after it was read; true if the
// process stops within what the rules allow for.
bool StopsWhenCutAndRegrown(Script* script) {
  script->BecomeOwner(0);
  Attempt& create = script->Create(0);
  EXPECT_TRUE(script->RunAndLand(0, [&] { return IsOk(create); }));
  Attempt& update = script->Update(0);
  EXPECT_TRUE(script->RunAndLand(0, [&] { return IsOk(update); }));
  const auto last = static_cast<int64_t>(script->log().size(0)) - 1;
  const auto other = std::make_shared<const std::string>(script->log().body(0, last - 1));
  script->log().Cut(0, last);
  script->log().Put(0, other);
  return script->Run(
      0, [&] { return !script->world().process(0).running(); }, 11 * kSecond);
}

TEST(Directed, R5_CutLogIsRefused) {
  Script script(1, {});
  EXPECT_TRUE(StopsWhenCutAndRegrown(&script));
  EXPECT_TRUE(script.world().findings().First({Invariant::kStopped}));
}

#ifdef RECALL_MUTATIONS
TEST(Directed, R5_MutationIsFound) {
  Script script(1, log::Mutations(log::Mutation::kNoContentCheck));
  EXPECT_FALSE(StopsWhenCutAndRegrown(&script));
}

TEST(Directed, R1_MutationIsFound) {
  Script script(2, log::Mutations(log::Mutation::kNoCompareAndSet));
  DoubleClaimBehindAnother(&script);
  script.FindingsText();
  EXPECT_TRUE(script.world().findings().First({Invariant::kI5})) << script.FindingsText();
}

TEST(Directed, L4_MutationIsFound) {
  Script script(3, log::Mutations(log::Mutation::kReleaseEarly));
  bool third_answered = false;
  LeaveBeforeTheWaitIsOver(&script, &third_answered);
  EXPECT_TRUE(third_answered);
  script.FindingsText();
  EXPECT_TRUE(script.world().findings().First({Invariant::kI8})) << script.FindingsText();
}
#endif

}  // namespace
}  // namespace crm::simulation
