#include "tools/crmctl/follow.h"

#include <chrono>

#include "google/rpc/code.pb.h"
#include "tools/crmctl/display.h"

namespace crm::ctl {
namespace {

constexpr char kPositionHeader[] = "crm-position";
constexpr std::chrono::seconds kLasting(1);  // longer than it takes to be turned away
// A watch that nobody looks at outlives a server's absence of some two minutes.
constexpr int kWatchRetries = 20;

// What changes from now on come after: without it, those that happen while a broken watch is opened
// again would be missed.
std::string PositionNow(Session& session, const RecordType& type) {
  const MethodDescriptor& method = type.Method("List");
  crm::record::v1::ListRequest request;
  request.set_page_size(1);
  auto page = session.schema().New(method.output_type());
  session.Call(method, request, page.get());
  return Display(*page, "position");
}

Status Away(const std::string& text) {
  Status status;
  status.set_code(google::rpc::UNAVAILABLE);
  status.set_message(text);
  return status;
}

class Watching {
 public:
  Watching(Session& session, const RecordType& type, WatchFrom from,
           const std::function<bool(const SeenChange&)>& each)
      : session_(session), type_(type), from_(std::move(from)), each_(each) {}

  void Run() {
    if (from_.position.empty() && !from_.initial_state)
      from_.position = PositionNow(session_, type_);
    while (!done_) {
      Status status = SendWithRetries(
          [this] { return WatchOnce(); },
          [this](auto pause) { PauseBeforeRetry(session_.connection(), pause); }, kWatchRetries);
      if (status.code() != google::rpc::OK) throw Failure(status);
    }
  }

 private:
  crm::record::v1::WatchRequest Request() const {
    crm::record::v1::WatchRequest request;
    request.set_position(from_.position);
    request.set_initial_state(from_.initial_state);
    // The initial state is a watch of its own, so that it is known when all of it was sent.
    request.set_until_now(from_.until_now || from_.initial_state);
    return request;
  }

  // OK also where a watch ended that had lasted, or brought something: it is opened again, with the
  // count of retries beginning anew.
  Status WatchOnce() {
    auto begin = std::chrono::steady_clock::now();
    bool brought = false;
    bool whole = from_.until_now || from_.initial_state;
    Trailers trailers;
    try {
      session_.Stream(
          type_.Method("Watch"), Request(),
          [&](const Message& message) {
            brought = true;
            done_ = !Take(message);
            return !done_;
          },
          &trailers);
    } catch (const Failure& failure) {
      Resume(trailers);
      brought = brought || std::chrono::steady_clock::now() - begin > kLasting;
      // A server that stops cancels its watches.
      bool away = failure.status().code() == google::rpc::UNAVAILABLE ||
                  failure.status().code() == google::rpc::CANCELLED;
      if (!away) return failure.status();
      return brought ? Status() : Away(failure.status().message());
    }
    if (whole) from_.initial_state = false;
    Resume(trailers);
    if (from_.until_now) done_ = true;
    if (done_ || whole || brought) return {};
    return Away("the server ends the watch");
  }

  bool Take(const Message& message) {
    SeenChange seen;
    seen.message = &message;
    const auto* reflection = message.GetReflection();
    const FieldDescriptor* change = message.GetDescriptor()->FindFieldByName("change");
    if (change) seen.change = As<crm::record::v1::Change>(reflection->GetMessage(message, change));
    const FieldDescriptor* record = RecordField(message.GetDescriptor(), type_.message);
    if (record && reflection->HasField(message, record)) {
      seen.record = &reflection->GetMessage(message, record);
    }
    if (!seen.change.event().empty()) {
      from_.initial_state = false;
      from_.position = seen.change.position();
    }
    return each_(seen);
  }

  void Resume(const Trailers& trailers) {
    auto position = trailers.trailing.find(kPositionHeader);
    if (position != trailers.trailing.end() && !from_.initial_state && !position->second.empty()) {
      from_.position = position->second;
    }
  }

  Session& session_;
  const RecordType& type_;
  WatchFrom from_;
  const std::function<bool(const SeenChange&)>& each_;
  bool done_ = false;
};

}  // namespace

void Follow(Session& session, const RecordType& type, WatchFrom from,
            const std::function<bool(const SeenChange&)>& each) {
  Watching(session, type, std::move(from), each).Run();
}

}  // namespace crm::ctl
