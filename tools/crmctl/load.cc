#include <algorithm>
#include <atomic>
#include <fstream>
#include <future>
#include <mutex>
#include <nlohmann/json.hpp>

#include "google/rpc/code.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "tools/crmctl/display.h"
#include "tools/crmctl/program.h"
#include "tools/crmctl/progress.h"
#include "tools/crmctl/record_input.h"
#include "tools/crmctl/value.h"

// Carries out the calls of a file, one after the other: a past, with its true times and users.
namespace crm::ctl {
namespace {

using nlohmann::json;

constexpr int kShownFaults = 20;
constexpr size_t kThreads = 16;

struct Arguments {
  std::string file;
  std::string load_id;
};

struct Counts {
  int64_t done = 0;
  int64_t there = 0;
  int64_t failed = 0;
};

bool IsThere(const Status& status) {
  google::rpc::ErrorInfo info;
  FindDetail(status, &info);
  return status.code() == google::rpc::ALREADY_EXISTS || info.reason() == "ALREADY_EXISTS";
}

class Load {
 public:
  Load(Session& session, std::string load_id) : session_(session), load_id_(std::move(load_id)) {
    session_.set_client("import");
    session_.LeaveUserToCalls();
  }

  // Those that wait are sent first if this one is later than they, or another call.
  void Take(const std::string& line, int64_t number) {
    const json call = json::parse(line, nullptr, false);
    if (!call.is_object() || !call.contains("call") || !call["call"].is_string())
      throw UsageError("line " + std::to_string(number) + " has no \"call\"");
    Pending pending;
    pending.number = number;
    pending.method = &session_.schema().FindMethod(call["call"].get<std::string>());
    pending.step = call.value("time", "") + " " + pending.method->full_name();
    pending.headers = HeadersOf(call, number);
    pending.request = session_.schema().New(pending.method->input_type());
    FromJson(call.value("request", json::object()).dump(), pending.request.get());
    NumberRequest(number, pending.request.get());
    if (!step_.empty() && (step_.front().step != pending.step || call.value("time", "").empty()))
      Send();
    step_.push_back(std::move(pending));
  }

  // What is of one time has no order; it is sent by several threads.
  void Send() {
    std::atomic<size_t> next = 0;
    auto work = [&] {
      for (size_t i = next++; i < step_.size(); i = next++) SendOne(step_[i]);
    };
    std::vector<std::future<void>> threads;
    for (size_t i = 1; i < std::min(kThreads, step_.size()); ++i)
      threads.push_back(std::async(std::launch::async, work));
    work();
    for (auto& thread : threads) thread.get();
    step_.clear();
  }

  const Counts& counts() const { return counts_; }

 private:
  struct Pending {
    int64_t number = 0;
    std::string step;
    const MethodDescriptor* method = nullptr;
    std::unique_ptr<Message> request;
    Headers headers;
  };

  void SendOne(const Pending& pending) {
    auto response = session_.schema().New(pending.method->output_type());
    const Status status =
        session_.Send(*pending.method, *pending.request, response.get(), nullptr, pending.headers);
    const std::lock_guard lock(mutex_);
    Count(status, pending.number);
    if (status.code() == google::rpc::OK) CountOutcomes(*response, pending.number);
  }

  Headers HeadersOf(const json& call, int64_t number) const {
    Headers headers;
    const std::string user = call.value("user", session_.options().user);
    if (!user.empty()) headers.emplace_back("crm-user", HeaderText("user", user));
    const std::string text = call.value("time", "");
    if (text.empty()) return headers;
    auto time = ParseTime(text);
    if (!time) throw UsageError("line " + std::to_string(number) + ": \"" + text + "\" is no time");
    headers.emplace_back("crm-event-time",
                         std::to_string(time->seconds() * 1'000'000 + time->nanos() / 1'000));
    return headers;
  }

  // The same line of the same load is carried out once.
  void NumberRequest(int64_t number, Message* request) const {
    const FieldDescriptor* field = request->GetDescriptor()->FindFieldByName("request_id");
    if (field != nullptr && request->GetReflection()->GetString(*request, field).empty())
      CheckedSet(request, "request_id", load_id_ + "/" + std::to_string(number));
  }

  void Count(const Status& status, int64_t number) {
    if (status.code() == google::rpc::OK) {
      ++counts_.done;
    } else if (IsThere(status)) {
      ++counts_.there;
    } else {
      Fail(number, status);
    }
  }

  // A batch with outcomes says itself what has failed.
  void CountOutcomes(const Message& response, int64_t number) {
    const FieldDescriptor* outcomes = response.GetDescriptor()->FindFieldByName("outcomes");
    if (outcomes == nullptr || !outcomes->is_repeated()) return;
    const auto* reflection = response.GetReflection();
    for (int i = 0; i < reflection->FieldSize(response, outcomes); ++i) {
      const Message& outcome = reflection->GetRepeatedMessage(response, outcomes, i);
      const FieldDescriptor* field = outcome.GetDescriptor()->FindFieldByName("status");
      if (field == nullptr || !outcome.GetReflection()->HasField(outcome, field)) continue;
      Status status;
      status.ParseFromString(
          outcome.GetReflection()->GetMessage(outcome, field).SerializeAsString());
      Fail(number, status);
    }
  }

  void Fail(int64_t number, const Status& status) {
    if (++counts_.failed <= kShownFaults)
      std::cerr << "line " << number << ": " << status.message() << '\n';
  }

  Session& session_;
  const std::string load_id_;
  std::vector<Pending> step_;
  std::mutex mutex_;
  Counts counts_;
};

int RunLoad(Session& session, Arguments& arguments) {
  session.RefuseAsOf();
  std::ifstream file;
  if (arguments.file != "-") {
    file.open(arguments.file, std::ios::binary);
    if (!file) throw UsageError("can't read " + arguments.file);
  }
  std::istream& lines = arguments.file == "-" ? std::cin : file;
  Load load(session, arguments.load_id);
  Progress progress(0);
  std::string line;
  for (int64_t number = 1; std::getline(lines, line); ++number) {
    load.Take(line, number);
    progress.Show(number, std::to_string(number) + " calls");
  }
  load.Send();
  progress.Clear();
  const Counts& counts = load.counts();
  std::cout << "done " << counts.done << ", already there " << counts.there << ", failed "
            << counts.failed << '\n';
  return counts.failed == 0 ? kExitOk : kExitSomeRowsFailed;
}

}  // namespace

void AddLoad(Program& program) {
  program.Add<Arguments>(
      &program.app, "load",
      "Carry out calls, one JSON object a line: {\"call\": …, \"request\": …, \"time\": …, "
      "\"user\": …}",
      [](CLI::App* command, Arguments& arguments) {
        command->add_option("FILE", arguments.file, "The calls, or - for standard input")
            ->required();
        command
            ->add_option("--load-id", arguments.load_id,
                         "Within a day, a line of the same load is carried out once")
            ->required();
      },
      RunLoad);
}

}  // namespace crm::ctl
