#include <condition_variable>
#include <list>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>
#include <tuple>

#include "google/rpc/code.pb.h"
#include "google/rpc/error_details.pb.h"
#include "tools/crmctl/display.h"
#include "tools/crmctl/follow.h"
#include "tools/crmctl/output.h"
#include "tools/crmctl/program.h"

namespace crm::ctl {
namespace {

struct Arguments {
  std::string from;
  std::string collection;
};

std::string Quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string LineOf(const SeenChange& seen) {
  const auto& change = seen.change;
  std::string time = change.has_time() ? ToJson(change.time(), false) : "null";
  return "{\"position\":" + Quoted(change.position()) + ",\"time\":" + time +
         ",\"user\":" + Quoted(change.user()) + ",\"client\":" + Quoted(change.client()) +
         ",\"event\":" + Quoted(change.event()) + ",\"name\":" + Quoted(change.name()) +
         ",\"etag\":" + Quoted(change.etag()) +
         ",\"record\":" + (seen.record ? ToJson(*seen.record, false) : "null") + "}";
}

std::vector<RecordType> ChosenTypes(Session& session, const Arguments& arguments) {
  if (!arguments.collection.empty()) return {session.schema().TypeOf(arguments.collection)};
  std::vector<RecordType> types;
  for (const auto& [collection, type] : session.schema().types()) types.push_back(type);
  return types;
}

// Lines of several watches, each in the order of its own, that one thread takes. A watch that is
// far ahead of the taker waits, so that memory holds little.
class Lanes {
 public:
  struct Line {
    int64_t time_ns = 0;
    std::string command;  // a UUIDv7: orders the commits of one instant
    std::string text;
  };

  explicit Lanes(size_t count) : lanes_(count) {}

  bool Put(size_t lane, Line line) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return failed_ || lanes_[lane].lines.size() < kWaiting; });
    if (failed_) return false;
    lanes_[lane].lines.push_back(std::move(line));
    changed_.notify_all();
    return true;
  }
  void End(size_t lane, std::exception_ptr failure) {
    std::lock_guard lock(mutex_);
    lanes_[lane].ended = true;
    if (failure && !failed_) failed_ = failure;
    changed_.notify_all();
  }
  // `ordered`: by time over all lanes, so each must have a line or have ended; else whichever has
  // one. Nothing: all have ended. Throws what ended one of them.
  std::optional<Line> Take(bool ordered) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return failed_ || Ready(ordered); });
    if (failed_) std::rethrow_exception(failed_);
    Lane* first = nullptr;
    for (auto& lane : lanes_) {
      if (lane.lines.empty()) continue;
      if (!first || Before(lane.lines.front(), first->lines.front())) first = &lane;
    }
    if (!first) return std::nullopt;
    Line line = std::move(first->lines.front());
    first->lines.pop_front();
    changed_.notify_all();
    return line;
  }

 private:
  static constexpr size_t kWaiting = 1000;

  struct Lane {
    std::list<Line> lines;
    bool ended = false;
  };

  static bool Before(const Line& a, const Line& b) {
    return std::tie(a.time_ns, a.command) < std::tie(b.time_ns, b.command);
  }
  bool Ready(bool ordered) const {
    size_t full = 0, ended = 0;
    for (const auto& lane : lanes_) {
      if (!lane.lines.empty()) {
        ++full;
      } else if (lane.ended) {
        ++ended;
      }
    }
    return full + ended == lanes_.size() || (!ordered && full > 0);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Lane> lanes_;
  std::exception_ptr failed_;
};

// The caller may read no records of the type.
bool IsClosed(const Status& status) {
  google::rpc::ErrorInfo info;
  return status.code() == google::rpc::PERMISSION_DENIED && FindDetail(status, &info) &&
         (info.reason() == "MISSING_RIGHT" || info.metadata().contains("module"));
}

// `all`: the type was not asked for by its name, and is left out if it is closed.
void FollowInto(Session& session, const RecordType& type, const WatchFrom& from, bool all,
                size_t lane, Lanes& lanes) {
  std::exception_ptr failure;
  try {
    Follow(session, type, from, [&](const SeenChange& seen) {
      int64_t time_ns = seen.change.time().seconds() * 1'000'000'000 + seen.change.time().nanos();
      return lanes.Put(lane, {time_ns, seen.change.command(), LineOf(seen)});
    });
  } catch (const Failure& refused) {
    if (all && IsClosed(refused.status())) {
      std::cerr << "crmctl: left out: " + type.collection + ": " + refused.what() + "\n";
    } else {
      failure = std::current_exception();
    }
  }
  lanes.End(lane, failure);
}

int Events(Session& session, const Arguments& arguments, bool until_now) {
  session.RefuseAsOf();
  std::vector<RecordType> types = ChosenTypes(session, arguments);
  Lanes lanes(types.size());
  WatchFrom from;
  from.position = arguments.from.empty() && until_now ? "0" : arguments.from;
  from.until_now = until_now;
  std::vector<std::thread> threads;
  for (size_t i = 0; i < types.size(); ++i) {
    const bool all = arguments.collection.empty();
    threads.emplace_back([&, i, all] { FollowInto(session, types[i], from, all, i, lanes); });
  }
  try {
    while (auto line = lanes.Take(until_now)) {
      std::cout << line->text << '\n';
      if (!until_now) std::cout.flush();
      CheckOutput();
    }
  } catch (const Failure& failure) {
    // The other watches have no end to wait for.
    std::cout.flush();
    PrintStatus(failure.status(), std::cerr);
    std::_Exit(ExitCodeOf(failure.status()));
  } catch (const OutputError& error) {
    PrintError(error, std::cerr);
    std::_Exit(kExitUsage);
  }
  for (auto& thread : threads) thread.join();
  return kExitOk;
}

void Declare(CLI::App* command, Arguments& arguments) {
  command->add_option("--from", arguments.from,
                      "Begin after this position; 0: with the first change ever");
  command->add_option("--type", arguments.collection, "Only one type's, such as leads");
}

}  // namespace

void AddEvents(Program& program) {
  auto* events = program.app.add_subcommand("events", "Print changes, one JSON object a line");
  events->require_subcommand(1);
  program.Add<Arguments>(
      events, "tail", "From now on, or from a position on, without end", Declare,
      [](Session& session, Arguments& arguments) { return Events(session, arguments, false); });
  program.Add<Arguments>(
      events, "export", "All that has happened by now, in the order of its time", Declare,
      [](Session& session, Arguments& arguments) { return Events(session, arguments, true); });
}

}  // namespace crm::ctl
