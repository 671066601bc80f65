#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "crm/sales/v1/event.pb.h"
#include "crm/test/v1/event.pb.h"
#include "libs/log/cause.h"
#include "libs/record/check.h"
#include "tests/services/test_catalogue.h"
#include "tests/services/test_service.h"
#include "tests/simulation/reacting_world.h"

// What both logs say when a run is over, read anew from offset 0, against the invariants.
namespace crm::simulation {
namespace {

struct Event {
  int64_t offset = 0;
  log::Envelope envelope;
  std::string value;
  bool ends_commit = false;
};

std::vector<Event> EventsOf(const log::SimulatedLog& log, Findings* findings) {
  std::vector<Event> events;
  log::Automaton automaton;
  for (size_t at = 0; at < log.size(0); ++at) {
    const auto offset = static_cast<int64_t>(at);
    std::optional<log::Commit> commit;
    const log::Stored message{offset, std::make_shared<const std::string>(log.body(0, offset))};
    if (automaton.Feed(message, &commit) == log::Verdict::kImpossible) {
      findings->Add(Invariant::kStopped, "reading anew: " + automaton.trouble());
      break;
    }
    if (!commit) continue;
    for (const log::Stored& each : commit->events) {
      const auto parts = log::SplitBody(*each.body);
      Event event{each.offset, {}, std::string(parts->value), each.offset == commit->position()};
      CRM_CHECK(event.envelope.ParseFromString(std::string(parts->envelope)));
      if (!event.envelope.tenant().empty()) events.push_back(std::move(event));
    }
  }
  return events;
}

class ReactingCheck {
 public:
  explicit ReactingCheck(ReactingWorld& world)
      : world_(world),
        sales_(EventsOf(world.sales_log(), &world.findings())),
        test_(EventsOf(world.test_log(), &world.findings())) {}

  void Run() {
    Effects();
    Order();
    Waking();
    Replicas();
    Positions();
  }

 private:
  void Found(Invariant invariant, const std::string& text) {
    world_.findings().Add(invariant, text);
  }

  // I10.
  void Effects() {
    std::map<std::string, int> effects;  // by cause
    for (const Event& event : test_) {
      if (event.ends_commit && !event.envelope.cause().empty()) ++effects[event.envelope.cause()];
    }
    for (const Event& event : sales_) {
      const std::string cause = log::Cause{"sales", 0, event.offset}.Text();
      const int count = std::exchange(effects[cause], 0);
      sales::v1::Event content;
      content.ParseFromString(event.value);
      const std::string& called = content.lead().last_name();
      const bool wanted = called != services::kUnwelcome;
      if (count > 1 || (count == 1 && !wanted)) {
        Found(Invariant::kI10, cause + " has " + std::to_string(count) + " effects");
      }
      const bool may_lack = world_.skipped() && called == services::kForbidden;
      if (count == 0 && wanted && !may_lack) Found(Invariant::kI10, cause + " has no effect");
    }
    for (const auto& [cause, count] : effects) {
      if (count != 0) Found(Invariant::kI10, cause + " is a cause, but no event that counts");
    }
  }

  // A tenant's events have their effects in their order.
  void Order() {
    std::map<std::string, int64_t> last;
    for (const Event& event : test_) {
      const auto cause = log::Cause::Parse(event.envelope.cause());
      if (!cause) continue;
      int64_t& newest = last[event.envelope.tenant()];
      if (cause->offset < newest)
        Found(Invariant::kI10, cause->Text() + " comes after a later one");
      newest = cause->offset;
    }
  }

  // X4, by what each reminder was before.
  void Waking() {
    std::map<std::pair<std::string, std::string>, test::v1::Reminder> reminders;
    for (const Event& event : test_) {
      const std::string& tenant = event.envelope.tenant();
      if (event.envelope.client() != "timer") NothingIsDue(reminders, event);
      test::v1::Event content;
      content.ParseFromString(event.value);
      if (!content.has_reminder()) continue;
      test::v1::Reminder& before = reminders[{tenant, event.envelope.subject()}];
      const test::v1::Reminder& after = content.reminder();
      if (event.envelope.client() == "timer") {
        const bool told_once = after.told() == before.told() + 1;
        if (!told_once ||
            after.told_time().SerializeAsString() != before.due_time().SerializeAsString()) {
          Found(Invariant::kTimers, event.envelope.subject() + " was woken for nothing");
        }
      }
      before = after;
    }
  }

  void NothingIsDue(
      const std::map<std::pair<std::string, std::string>, test::v1::Reminder>& reminders,
      const Event& event) {
    using google::protobuf::util::TimeUtil;
    for (const auto& [key, reminder] : reminders) {
      if (key.first != event.envelope.tenant() || !reminder.has_due_time()) continue;
      if (TimeUtil::TimestampToMicroseconds(reminder.due_time()) > event.envelope.time_us())
        continue;
      Found(Invariant::kTimers, key.second + " was due before " + event.envelope.subject());
    }
  }

  static std::map<std::string, std::string> Leads(ReactingProcess& process) {
    std::map<std::string, std::string> leads;
    const store::View& view = process.store().latest();
    for (const char* tenant : {"acme", "globex"}) {
      const auto known = view.Tenant(tenant);
      if (!known) continue;
      const auto* type = services::TheCatalogue().FindType("leads");
      for (uint64_t i = 1; i < 500; ++i) {
        const auto id = record::MakeUuidV7(1'600'000'000'000'000, 1, i);
        const auto image = view.Record({known->number, type->number, id});
        if (image) leads[std::string(tenant) + "/" + id.Text()] = *image;
      }
    }
    return leads;
  }

  void Replicas() {
    const auto leads = Leads(*world_.of_sales().front());
    for (auto& process : world_.of_test()) {
      if (Leads(*process) != leads) {
        Found(Invariant::kReplicas, "leads are not what they are in sales");
      }
    }
  }

  // I7, of how far reactors are and what wakes.
  void Positions() {
    const auto position = [](ReactingProcess& process) {
      const store::View& view = process.store().latest();
      std::string text = std::to_string(view.Reached(services::kGreeter, "sales", 0));
      for (const char* tenant : {"acme", "globex"}) {
        for (const auto& [section, hash] : view.Verify(tenant)) text += " " + hash;
      }
      for (const auto& wake : view.Wakes(std::nullopt, INT64_MAX, 1'000)) {
        text += " " + std::to_string(wake.due_us) + wake.tenant + wake.key.id.Text();
      }
      return text;
    };
    const std::string first = position(*world_.of_test()[0]);
    if (first != position(*world_.of_test()[1])) {
      Found(Invariant::kI7, "two processes' projections differ");
    }
  }

  ReactingWorld& world_;
  const std::vector<Event> sales_, test_;
};

}  // namespace

void CheckReacting(ReactingWorld& world) { ReactingCheck(world).Run(); }

}  // namespace crm::simulation
