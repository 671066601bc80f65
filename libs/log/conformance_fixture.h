#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libs/log/memory_projection.h"
#include "libs/log/owner.h"
#include "libs/log/seeded.h"

// The ground that conformance.h's tests stand on.
namespace crm::log {

// A log of two partitions, and how a test gets on with it.
class Implementation {
 public:
  virtual ~Implementation() = default;
  virtual Log& log() = 0;
  // Closed and opened again, with what it holds.
  virtual void Reopen() = 0;
  // What was sent gets on its way: lets the log work, or waits for it a moment.
  virtual void Progress() = 0;
  // To be called, from any thread, when there may be reports.
  virtual void Wake() = 0;
};

struct ImplementationName {
  const char* name;
  std::function<std::unique_ptr<Implementation>()> make;
};

class LogConformance : public testing::TestWithParam<ImplementationName> {
 protected:
  static constexpr int kRoundsMax = 20'000;

  LogConformance() : implementation_(GetParam().make()) {}

  Log& log() { return implementation_->log(); }

  // An error fails the test with its text.
  template <class Value>
  static Value Told(record::Result<Value> result) {
    if (result) return std::move(result).value();
    ADD_FAILURE() << result.error().text;
    return {};
  }

  std::unique_ptr<Producer> NewProducer(int partition) {
    return log().NewProducer(partition, [this] { implementation_->Wake(); });
  }

  // Every reader gets the same bytes as the writer had.
  static std::string Body(uint64_t seq) {
    Envelope envelope;
    envelope.set_type("crm.sales.v1.lead.created");
    envelope.set_claim(1);
    envelope.set_seq(seq);
    return EncodeBody(envelope, "value " + std::to_string(seq));
  }

  static std::vector<Outgoing> Messages(uint64_t first, size_t count) {
    std::vector<Outgoing> messages;
    for (uint64_t seq = first; seq < first + count; ++seq) {
      messages.push_back({seq, std::make_shared<const std::string>(Body(seq))});
    }
    return messages;
  }

  std::vector<Report> AwaitReports(Producer& producer, size_t count) {
    std::vector<Report> reports;
    for (int round = 0; round < kRoundsMax && reports.size() < count; ++round) {
      for (Report& report : producer.TakeReports()) reports.push_back(std::move(report));
      if (reports.size() < count) implementation_->Progress();
    }
    EXPECT_EQ(reports.size(), count);
    return reports;
  }

  std::unique_ptr<Owner> NewOwner(Projection& projection, size_t read_bytes = 1 << 20) {
    Owner::Options options;
    options.partition = 1;
    options.read_bytes = read_bytes;
    return std::make_unique<Owner>(options, log(), projection, clock_, random_,
                                   [this] { implementation_->Wake(); });
  }

  // Steps the owners until the condition holds.
  bool Await(std::initializer_list<Owner*> owners, const std::function<bool()>& condition) {
    for (int round = 0; round < kRoundsMax; ++round) {
      bool worked = false;
      for (Owner* owner : owners) worked = owner->Step() || worked;
      if (condition()) return true;
      if (!worked) {
        implementation_->Progress();
        clock_.Advance(1000);
      }
    }
    return false;
  }

  bool AwaitRole(Owner& owner, Owner::Role role) {
    return Await({&owner}, [&] { return owner.role() == role; });
  }

  static std::vector<Owner::NewEvent> Events(size_t count, const std::string& value) {
    std::vector<Owner::NewEvent> events(count);
    for (size_t i = 0; i < count; ++i) {
      events[i].envelope.set_type("crm.sales.v1.lead.created");
      events[i].value = value + std::to_string(i);
    }
    return events;
  }

  // Commits of 1, 2, 3 … events, each confirmed before the next.
  void Fill(Owner& owner, size_t commits) {
    owner.Assign(true);
    ASSERT_TRUE(AwaitRole(owner, Owner::Role::kOwner));
    for (size_t i = 1; i <= commits; ++i) {
      const uint64_t ticket = owner.Append(Events(i, "commit" + std::to_string(i) + "/"));
      owner.Flush();
      ASSERT_TRUE(Await({&owner}, [&] { return owner.confirmed() >= ticket; }));
    }
  }

  std::unique_ptr<Implementation> implementation_;
  ManualClock clock_;
  SeededRandom random_{7};
};

}  // namespace crm::log
