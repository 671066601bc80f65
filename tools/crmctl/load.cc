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

std::string TextIn(const json& call, const std::string& name, const std::string& otherwise) {
  const auto found = call.find(name);
  if (found == call.end()) return otherwise;
  if (!found->is_string()) throw UsageError("\"" + name + "\" is no text");
  return found->get<std::string>();
}

class Load {
 public:
  Load(Session& session, std::string load_id) : session_(session), load_id_(std::move(load_id)) {
    session_.set_client("import");
    session_.LeaveUserToCalls();
  }

  // Those that wait are sent first if this one is later than they, or another call.
  // Throws UsageError, with the number of the line, if it is no call that the server has.
  void Take(const std::string& line, int64_t number) {
    Pending pending;
    try {
      pending = Read(line, number);
    } catch (const UsageError& error) {
      throw UsageError("line " + std::to_string(number) + ": " + error.what());
    }
    if (!step_.empty() && (step_.front().step != pending.step || pending.now)) Send();
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
    bool now = false;  // it has no time of its own
    const MethodDescriptor* method = nullptr;
    std::unique_ptr<Message> request;
    Headers headers;
  };

  Pending Read(const std::string& line, int64_t number) {
    const json call = json::parse(line, nullptr, false);
    if (!call.is_object()) throw UsageError("it is no JSON object");
    const std::string method = TextIn(call, "call", "");
    const std::string time = TextIn(call, "time", "");
    if (method.empty()) throw UsageError("it has no \"call\"");
    Pending pending;
    pending.number = number;
    pending.method = &session_.schema().FindMethod(method);
    pending.step = time + " " + pending.method->full_name();
    pending.now = time.empty();
    pending.headers = HeadersOf(TextIn(call, "user", session_.options().user), time);
    pending.request = session_.schema().New(pending.method->input_type());
    FromJson(call.value("request", json::object()).dump(), pending.request.get());
    NumberRequest(number, pending.request.get());
    return pending;
  }

  void SendOne(const Pending& pending) {
    auto response = session_.schema().New(pending.method->output_type());
    const Status status =
        session_.Send(*pending.method, *pending.request, response.get(), nullptr, pending.headers);
    const std::lock_guard lock(mutex_);
    Count(status, pending.number);
    if (status.code() == google::rpc::OK) CountOutcomes(*response, pending.number);
  }

  static Headers HeadersOf(const std::string& user, const std::string& text) {
    Headers headers;
    if (!user.empty()) headers.emplace_back("crm-user", HeaderText("user", user));
    if (text.empty()) return headers;
    auto time = ParseTime(text);
    if (!time) throw UsageError("\"" + text + "\" is no time");
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

void PrintCounts(const Counts& counts) {
  std::cout << "done " << counts.done << ", already there " << counts.there << ", failed "
            << counts.failed << '\n';
}

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
  try {
    std::string line;
    for (int64_t number = 1; std::getline(lines, line); ++number) {
      load.Take(line, number);
      progress.Show(number, std::to_string(number) + " calls");
    }
    load.Send();
  } catch (const std::exception&) {
    progress.Clear();
    PrintCounts(load.counts());
    throw;
  }
  progress.Clear();
  PrintCounts(load.counts());
  return load.counts().failed == 0 ? kExitOk : kExitSomeRowsFailed;
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
            ->required()
            ->check(NotEmpty());
      },
      RunLoad);
}

}  // namespace crm::ctl
