#include <grpcpp/create_channel.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <map>
#include <mutex>
#include <random>

#include "crm/sales/v1/lead.pb.h"
#include "tools/bench/access.h"
#include "tools/bench/child.h"
#include "tools/bench/echo.h"
#include "tools/bench/load.h"
#include "tools/bench/on_kafka.h"
#include "tools/bench/requests.h"

// Measures `crm` beside a unary echo of the same message: same library, same channels, same cores,
// in turn within one run, so that what the machine does besides meets both.
namespace {

using crm::bench::Load;
using crm::bench::Measured;

struct Settings {
  std::string crm;
  std::string data = "/tmp/crm-bench-" + std::to_string(getpid());
  std::vector<int> in_flight = {1, 64, 256};
  std::vector<std::string> calls = {"create", "get", "update"};
  std::vector<int> work_us;
  int rounds = 5;
  double seconds = 1;
  bool json = false;
  bool access = false;
  int records = 1'000'000;
};

struct Round {
  Measured measured;
  double server_cpu_us = 0;  // for each call
  double client_cpu_us = 0;  // this program's, which the cores have to do as well
};

struct Row {
  std::string name;
  int in_flight = 0;
  std::vector<Round> rounds;
};

std::string FreeAddress() { return "127.0.0.1:" + std::to_string(crm::bench::FreePort()); }

// Null if nobody answers there.
std::shared_ptr<grpc::Channel> Connect(const std::string& address) {
  auto channel = grpc::CreateChannel(address, grpc::InsecureChannelCredentials());
  const auto until = std::chrono::system_clock::now() + std::chrono::seconds(20);
  return channel->WaitForConnected(until) ? channel : nullptr;
}

double OwnCpuSeconds() {
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

template <class Of>
double MedianOf(const Row& row, Of of) {
  std::vector<double> values;
  for (const Round& round : row.rounds) values.push_back(of(round));
  return crm::bench::Median(std::move(values));
}

// The records that gets and updates are about: what the creates made.
class Names {
 public:
  void Add(const grpc::ByteBuffer& response) {
    crm::sales::v1::Lead lead;
    if (!lead.ParseFromString(crm::bench::TextOf(response))) return;
    std::lock_guard lock(mutex_);
    if (names_.size() < 100'000) names_.push_back(lead.name());
  }
  std::string Any(int number) {
    std::lock_guard lock(mutex_);
    return names_[static_cast<size_t>(number) * 2654435761u % names_.size()];
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> names_;
};

struct Server {
  std::unique_ptr<crm::bench::Child> child;
  std::shared_ptr<grpc::Channel> channel;
};

class Bench {
 public:
  // `echoes`: by the name of their row; "echo" is the one that does no work.
  Bench(const Settings& settings, const Server& crm, const std::map<std::string, Server>& echoes)
      : settings_(settings), crm_(crm), echoes_(echoes) {}

  bool RunAll() {
    for (int round = 0; round <= settings_.rounds; ++round) {
      for (int in_flight : settings_.in_flight) {
        // The first round warms up and is not counted.
        if (!RunRound(in_flight, round > 0)) return false;
      }
    }
    return true;
  }
  const std::vector<Row>& rows() const { return rows_; }

 private:
  bool RunRound(int in_flight, bool counted) {
    const std::string leads = "/crm.sales.v1.Leads/";
    auto create = [this] { return crm::bench::BufferOf(crm::bench::CreateLeadBytes(next_++)); };
    for (const auto& [name, echo] : echoes_) {
      if (!Measure(name, crm::bench::kEchoPath, create, in_flight, counted)) return false;
    }
    return Measure("create", leads + "CreateLead", create, in_flight, counted) &&
           Measure(
               "get", leads + "GetLead",
               [this] {
                 return crm::bench::BufferOf(crm::bench::GetLeadBytes(names_.Any(next_++)));
               },
               in_flight, counted) &&
           Measure(
               "update", leads + "UpdateLead",
               [this] {
                 const int number = next_++;
                 return crm::bench::BufferOf(
                     crm::bench::UpdateLeadBytes(names_.Any(number), number));
               },
               in_flight, counted);
  }

  bool Measure(const std::string& name, const std::string& path,
               std::function<grpc::ByteBuffer()> next, int in_flight, bool counted) {
    const auto echo = echoes_.find(name);
    const bool wanted =
        echo != echoes_.end() || std::count(settings_.calls.begin(), settings_.calls.end(), name);
    // The first creates make what gets and updates are about.
    if (!wanted && (counted || name != "create")) return true;
    const Server& server = echo != echoes_.end() ? echo->second : crm_;
    Load load{path,
              std::move(next),
              {{"crm-tenant", "bench"}, {"crm-user", "bench@example.com"}},
              in_flight,
              settings_.seconds};
    std::function<void(const grpc::ByteBuffer&)> seen;
    if (name == "create" && !counted)
      seen = [this](const grpc::ByteBuffer& response) { names_.Add(response); };
    const double cpu = server.child->CpuSeconds();
    const double own_cpu = OwnCpuSeconds();
    Round round{crm::bench::Run(server.channel, load, seen)};
    const double us_a_call = 1e6 / static_cast<double>(round.measured.calls);
    round.server_cpu_us = (server.child->CpuSeconds() - cpu) * us_a_call;
    round.client_cpu_us = (OwnCpuSeconds() - own_cpu) * us_a_call;
    if (round.measured.failed > 0) {
      std::fprintf(stderr, "%s: %ld calls failed: %s\n", name.c_str(),
                   static_cast<long>(round.measured.failed), round.measured.first_failure.c_str());
      return false;
    }
    if (counted) RowOf(name, in_flight).rounds.push_back(std::move(round));
    return true;
  }

  Row& RowOf(const std::string& name, int in_flight) {
    for (Row& row : rows_) {
      if (row.name == name && row.in_flight == in_flight) return row;
    }
    return rows_.emplace_back(Row{name, in_flight, {}});
  }

  const Settings& settings_;
  const Server& crm_;
  const std::map<std::string, Server>& echoes_;
  std::atomic<int> next_{1};
  Names names_;
  std::vector<Row> rows_;
};

const Row& EchoOf(const std::vector<Row>& rows, int in_flight) {
  return *std::find_if(rows.begin(), rows.end(), [&](const Row& row) {
    return row.name == "echo" && row.in_flight == in_flight;
  });
}

void Print(const std::vector<Row>& rows, bool json) {
  if (!json)
    std::printf("%-8s %9s %10s %9s %9s %10s %10s %10s %10s\n", "call", "in flight", "calls/s",
                "p50 us", "p99 us", "server us", "client us", "x echo", "cpu x echo");
  for (const Row& row : rows) {
    const Row& echo = EchoOf(rows, row.in_flight);
    std::vector<double> ratios;  // round by round: both met the same machine
    for (size_t i = 0; i < row.rounds.size(); ++i) {
      ratios.push_back(row.rounds[i].measured.calls_per_second /
                       echo.rounds[i].measured.calls_per_second);
    }
    const double rate =
        MedianOf(row, [](const Round& round) { return round.measured.calls_per_second; });
    const double p50 = MedianOf(row, [](const Round& round) { return round.measured.p50_us; });
    const double p99 = MedianOf(row, [](const Round& round) { return round.measured.p99_us; });
    const double cpu = MedianOf(row, [](const Round& round) { return round.server_cpu_us; });
    const double own_cpu = MedianOf(row, [](const Round& round) { return round.client_cpu_us; });
    const double echo_cpu = MedianOf(echo, [](const Round& round) { return round.server_cpu_us; });
    std::printf(json ? "{\"call\":\"%s\",\"in_flight\":%d,\"calls_per_second\":%.0f,\"p50_us\":%."
                       "0f,\"p99_us\":%.0f,"
                       "\"server_cpu_us\":%.1f,\"client_cpu_us\":%.1f,\"throughput_ratio\":%.3f,"
                       "\"cpu_ratio\":%.3f}\n"
                     : "%-8s %9d %10.0f %9.0f %9.0f %10.1f %10.1f %10.2f %10.2f\n",
                row.name.c_str(), row.in_flight, rate, p50, p99, cpu, own_cpu,
                crm::bench::Median(std::move(ratios)), cpu / echo_cpu);
  }
}

// Of the program and its arguments; `address` is where it will listen.
Server Start(const std::string& address, const std::vector<std::string>& command) {
  return {std::make_unique<crm::bench::Child>(command), Connect(address)};
}

int Run(const Settings& settings, const std::string& self) {
  const std::string address = FreeAddress();
  const Server crm = Start(address, {settings.crm, "serve", "--data", settings.data, "--grpc",
                                     address, "--http", FreeAddress(), "--trust-metadata"});
  if (settings.access) {
    return crm.channel &&
                   crm::bench::MeasureAccess(crm.channel, *crm.child,
                                             {settings.records, settings.rounds, settings.seconds})
               ? 0
               : 1;
  }
  std::map<std::string, Server> echoes;
  const auto start_echo = [&](const std::string& name, int work_us) {
    const std::string at = FreeAddress();
    echoes[name] = Start(at, {self, "--echo", at, "--work", std::to_string(work_us)});
  };
  start_echo("echo", 0);
  for (const int work_us : settings.work_us) start_echo("echo+" + std::to_string(work_us), work_us);
  const bool started = crm.channel && std::all_of(echoes.begin(), echoes.end(), [](const auto& at) {
                         return at.second.channel != nullptr;
                       });
  if (!started) {
    std::fprintf(stderr, "A server did not start.\n");
    return 2;
  }
  Bench bench(settings, crm, echoes);
  if (!bench.RunAll()) return 1;
  Print(bench.rows(), settings.json);
  return 0;
}

}  // namespace

int main(int count, char** words) {
  CLI::App app("Measures crm beside a unary gRPC echo of the same message, in turn in one run.");
  Settings settings;
  const std::string self = std::filesystem::canonical("/proc/self/exe");
  settings.crm = std::filesystem::path(self).parent_path() / "crm";
  std::string echo;
  std::string brokers;
  int work_us = 0;
  app.add_option("--echo", echo, "Only serve the echo at this address");
  app.add_option("--work", work_us, "Only with --echo: work for each call, in one thread, in us");
  app.add_option("--kafka-brokers", brokers,
                 "Measure commands on Kafka instead, beside the embedded log and a bare producer");
  app.add_option("--crm", settings.crm, "The crm program to measure");
  app.add_option("--data", settings.data, "A folder for its data; removed afterwards");
  app.add_option("--in-flight", settings.in_flight, "Calls in flight");
  app.add_option("--calls", settings.calls, "Calls to measure, of create, get and update");
  app.add_option("--echo-work", settings.work_us,
                 "Measure also an echo that works so many us for each call, in one other thread");
  app.add_option("--rounds", settings.rounds, "Counted rounds; medians are printed");
  app.add_option("--seconds", settings.seconds, "Length of each measurement");
  app.add_flag("--json", settings.json, "One JSON object a line");
  app.add_flag("--access", settings.access, "Measure what rights cost instead");
  app.add_option("--records", settings.records, "Leads for --access");
  CLI11_PARSE(app, count, words);
  if (!echo.empty()) return crm::bench::ServeEcho(echo, std::chrono::microseconds(work_us));
  const int result =
      brokers.empty()
          ? Run(settings, self)
          : crm::bench::MeasureOnKafka({settings.crm, brokers, settings.data, settings.in_flight,
                                        settings.rounds, settings.seconds});
  std::filesystem::remove_all(settings.data);
  return result;
}
