#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "libs/log/memory_projection.h"
#include "libs/log/owner.h"
#include "libs/log/seeded.h"
#include "libs/log/simulated.h"

namespace crm::log {

// Owners on a simulated log where everything that happens is said by the test.
class OwnerFixture : public testing::Test {
 protected:
  static constexpr int64_t kSecond = 1'000'000;
  static constexpr int64_t kLease = 3 * kSecond;

  std::unique_ptr<Owner> NewOwner(Projection& projection, Mutations mutations = {}) {
    Owner::Options options;
    options.mutations = mutations;
    return std::make_unique<Owner>(options, log_, projection, clock_, random_, [] {});
  }

  static void Run(Owner& owner) {
    while (owner.Step()) {
    }
  }

  // Assigned and past any pause, it writes its claim, which lands.
  void Claim(Owner& owner) {
    const uint64_t written = owner.claims_written();
    owner.Assign(true);
    for (int i = 0; i < 20 && owner.claims_written() == written; ++i) {
      Run(owner);
      if (owner.claims_written() == written) clock_.Advance(kSecond);
    }
    ASSERT_EQ(owner.role(), Owner::Role::kClaiming) << owner.trouble();
    log_.newest().Land();
    Run(owner);
    ASSERT_EQ(owner.role(), Owner::Role::kOwner) << owner.trouble();
  }

  static uint64_t Send(Owner& owner, const std::string& value, size_t count = 1) {
    std::vector<Owner::NewEvent> events(count);
    for (auto& event : events) {
      event.envelope.set_type("crm.sales.v1.lead.created");
      event.value = value;
    }
    const uint64_t ticket = owner.Append(std::move(events));
    owner.Flush();
    return ticket;
  }

  // Sent and landed at once.
  uint64_t Commit(Owner& owner, SimulatedSession& session, const std::string& value) {
    const uint64_t ticket = Send(owner, value);
    session.Land();
    Run(owner);
    return ticket;
  }

  // The first event's value of each commit that a reader from the beginning sees.
  std::vector<std::string> History() {
    MemoryProjection projection;
    auto reader = NewOwner(projection);
    Run(*reader);
    EXPECT_EQ(reader->trouble(), "");
    return Values(projection);
  }

  static std::vector<std::string> Values(const MemoryProjection& projection) {
    std::vector<std::string> values;
    for (const auto& commit : projection.commits) {
      values.emplace_back(SplitBody(commit.front())->value);
    }
    return values;
  }

  bool Serves(const Owner& owner) { return owner.lease().Valid(clock_.Boottime()); }

  ManualClock clock_;
  SeededRandom random_{5};
  SimulatedLog log_{1, random_};
  MemoryProjection shown_;
};

}  // namespace crm::log
