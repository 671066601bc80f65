#pragma once

#include <google/protobuf/util/time_util.h>

#include <set>
#include <string>

#include "crm/sales/v1/lead.pb.h"
#include "crm/test/v1/greeting.pb.h"
#include "crm/test/v1/reminder.pb.h"
#include "libs/shard/behaviour.h"

// The behaviours of the tests' own service.
namespace crm::services {

inline constexpr char kGreeter[] = "greeter";
inline constexpr char kUnwelcome[] = "nobody";   // who is not greeted, and that is no failure
inline constexpr char kForbidden[] = "trouble";  // whose greeting is refused

// While it is empty, nothing is refused.
inline std::set<std::string>& Forbidden() {
  static std::set<std::string> names;
  return names;
}

// A new lead is greeted.
inline std::optional<shard::Refusal> Greet(const shard::SourceEvent& event,
                                           shard::Transaction& tx) {
  const auto lead = event.As<sales::v1::Lead>();
  if (lead.last_name() == kUnwelcome) return std::nullopt;
  if (Forbidden().contains(lead.last_name())) {
    return shard::Refusal(record::MakeStatus(record::kFailedPrecondition, "FORBIDDEN", "No."));
  }
  test::v1::Greeting greeting;
  greeting.set_text("Welcome, " + lead.last_name() + "!");
  greeting.set_lead(event.name);
  greeting.set_cause(event.cause);
  return tx.Put(greeting, shard::Event::kCreated);
}

// A reminder tells, and is due again later if it says so.
inline std::optional<shard::Refusal> Tell(const shard::Waking& waking, shard::Transaction& tx) {
  auto reminder = waking.As<test::v1::Reminder>();
  if (Forbidden().contains(reminder.subject())) {
    return shard::Refusal(record::MakeStatus(record::kFailedPrecondition, "FORBIDDEN", "No."));
  }
  using google::protobuf::util::TimeUtil;
  reminder.set_told(reminder.told() + 1);
  *reminder.mutable_told_time() = TimeUtil::MicrosecondsToTimestamp(waking.due);
  reminder.clear_due_time();
  if (reminder.again_after_seconds() > 0) {
    const int64_t after_us = int64_t{reminder.again_after_seconds()} * 1'000'000;
    *reminder.mutable_due_time() = TimeUtil::MicrosecondsToTimestamp(waking.due + after_us);
  }
  return tx.Put(reminder);
}

inline void RegisterTest(shard::Behaviours& behaviours) {
  behaviours.React({kGreeter, "sales", {"crm.sales.v1.lead.created"}, "greeting.created", Greet});
  behaviours.Wake("reminders", "due_time", "reminder.told", Tell);
}

}  // namespace crm::services
