#include "libs/runtime/serve.h"

#include <absl/synchronization/mutex.h>

#include <chrono>
#include <cstdlib>
#include <future>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "libs/rpc/server/library_log.h"
#include "libs/runtime/json_log.h"
#include "libs/runtime/process.h"
#include "libs/runtime/stop_signal.h"
#include "libs/runtime/version.h"

namespace crm::runtime {
namespace {

constexpr int kRefreshMs = 200;
constexpr int kRefreshMsUntilReady = 5;
constexpr auto kDismantling = std::chrono::milliseconds(250);

// For gRPC, whose log function is one for the whole process.
JsonLog* library_log = nullptr;

void WriteLibraryLog(rpc::Severity severity, const std::string& text, const char* file, int line) {
  // What gRPC calls information is about its own inner life.
  const Level level = severity == rpc::Severity::kError ? Level::kError : Level::kDebug;
  library_log->Write(level, text,
                     {{"library", std::string_view("grpc")},
                      {"file", std::string_view(file)},
                      {"line", int64_t{line}}});
}

// All that matters is on disk, or at the brokers: what remains are clients of brokers, which may
// not be able to say goodbye. The system takes their memory back as well.
void Dismantle(std::unique_ptr<Process> process, int code) {
  std::promise<void> gone;
  std::thread dismantling([&] {
    process.reset();
    gone.set_value();
  });
  if (gone.get_future().wait_for(kDismantling) != std::future_status::ready) std::_Exit(code);
  dismantling.join();
}

}  // namespace

int Serve(const Settings& settings, const std::vector<ServiceCode>& services) {
  StopSignal stop;
  static JsonLog log = JsonLog::ToStderr(settings.log_level);
  library_log = &log;
  rpc::SendLibraryLogTo(WriteLibraryLog);
  const auto begin = std::chrono::steady_clock::now();

  auto started = Process::Start(settings, services, log);
  if (!started) {
    log.Write(Level::kError, "can not start", {{"error", std::string_view(started.error().text)}});
    return 1;
  }
  Process& process = **started;
  const auto took = std::chrono::steady_clock::now() - begin;
  log.Write(Level::kInfo, "listening",
            {{"version", std::string_view(kVersion)},
             {"grpc_port", int64_t{process.grpc_port()}},
             {"http_port", int64_t{process.http_port()}},
             {"data", std::string_view(settings.data)},
             {"start_ms", std::chrono::duration_cast<std::chrono::milliseconds>(took).count()}});
  process.PublishSchema();
  bool stopped = false;
  do {
    process.Refresh();
    stopped = stop.Wait(process.ready() ? kRefreshMs : kRefreshMsUntilReady);
  } while (!stopped && process.trouble().empty());

  // Whoever supervises it starts it anew: nothing else would bring it back.
  if (!stopped) {
    log.Write(Level::kError, "can not go on",
              {{"error", std::string_view(process.trouble())},
               {"instance", std::string_view(InstanceName(settings))}});
  }
  log.Write(Level::kInfo, "stopping");
  process.StopWanting();
  std::this_thread::sleep_for(std::chrono::milliseconds(settings.drain_delay_ms));
  process.Leave();
  process.FinishCalls();
  process.HandOver();
  log.Write(Level::kInfo, "stopped");
  const int code = stopped ? 0 : 1;
  Dismantle(std::move(started).value(), code);
  return code;
}

int Main(int argc, char** argv, const std::vector<ServiceCode>& services) {
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  const Invocation invocation =
      ReadInvocation(arguments, [](const char* name) { return std::getenv(name); });
  (invocation.exit_code == 0 ? std::cout : std::cerr) << invocation.output;
  // In Debian's packages gRPC's locks look for deadlocks, under one lock that all of them share.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  return invocation.serve ? Serve(invocation.settings, services) : invocation.exit_code;
}

}  // namespace crm::runtime
