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

std::shared_ptr<grpc::Channel> Connect(int port) {
  auto channel =
      grpc::CreateChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials());
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

class Bench {
 public:
  Bench(const Settings& settings, std::shared_ptr<grpc::Channel> crm,
        const crm::bench::Child& crm_child, std::shared_ptr<grpc::Channel> echo,
        const crm::bench::Child& echo_child)
      : settings_(settings),
        crm_(std::move(crm)),
        crm_child_(crm_child),
        echo_(std::move(echo)),
        echo_child_(echo_child) {}

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
    return Measure("echo", crm::bench::kEchoPath, create, in_flight, counted) &&
           Measure("create", leads + "CreateLead", create, in_flight, counted) &&
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
    const bool is_echo = name == "echo";
    const bool wanted = is_echo || std::count(settings_.calls.begin(), settings_.calls.end(), name);
    // The first creates make what gets and updates are about.
    if (!wanted && (counted || name != "create")) return true;
    const auto& child = is_echo ? echo_child_ : crm_child_;
    Load load{path,
              std::move(next),
              {{"crm-tenant", "bench"}, {"crm-user", "bench@example.com"}},
              in_flight,
              settings_.seconds};
    std::function<void(const grpc::ByteBuffer&)> seen;
    if (name == "create" && !counted)
      seen = [this](const grpc::ByteBuffer& response) { names_.Add(response); };
    const double cpu = child.CpuSeconds();
    const double own_cpu = OwnCpuSeconds();
    Round round{crm::bench::Run(is_echo ? echo_ : crm_, load, seen)};
    const double us_a_call = 1e6 / static_cast<double>(round.measured.calls);
    round.server_cpu_us = (child.CpuSeconds() - cpu) * us_a_call;
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
  std::shared_ptr<grpc::Channel> crm_;
  const crm::bench::Child& crm_child_;
  std::shared_ptr<grpc::Channel> echo_;
  const crm::bench::Child& echo_child_;
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

int Run(const Settings& settings, const std::string& self) {
  const int grpc_port = crm::bench::FreePort();
  const int http_port = crm::bench::FreePort();
  const int echo_port = crm::bench::FreePort();
  auto at = [](int port) { return "127.0.0.1:" + std::to_string(port); };
  crm::bench::Child crm({settings.crm, "serve", "--data", settings.data, "--grpc", at(grpc_port),
                         "--http", at(http_port), "--trust-metadata"});
  if (settings.access) {
    auto channel = Connect(grpc_port);
    return channel && crm::bench::MeasureAccess(
                          channel, crm, {settings.records, settings.rounds, settings.seconds})
               ? 0
               : 1;
  }
  crm::bench::Child echo({self, "--echo", at(echo_port)});
  auto crm_channel = Connect(grpc_port);
  auto echo_channel = Connect(echo_port);
  if (!crm_channel || !echo_channel) {
    std::fprintf(stderr, "A server did not start.\n");
    return 2;
  }
  Bench bench(settings, crm_channel, crm, echo_channel, echo);
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
  app.add_option("--echo", echo, "Only serve the echo at this address");
  app.add_option("--kafka-brokers", brokers,
                 "Measure commands on Kafka instead, beside the embedded log and a bare producer");
  app.add_option("--crm", settings.crm, "The crm program to measure");
  app.add_option("--data", settings.data, "A folder for its data; removed afterwards");
  app.add_option("--in-flight", settings.in_flight, "Calls in flight");
  app.add_option("--calls", settings.calls, "Calls to measure, of create, get and update");
  app.add_option("--rounds", settings.rounds, "Counted rounds; medians are printed");
  app.add_option("--seconds", settings.seconds, "Length of each measurement");
  app.add_flag("--json", settings.json, "One JSON object a line");
  app.add_flag("--access", settings.access, "Measure what rights cost instead");
  app.add_option("--records", settings.records, "Leads for --access");
  CLI11_PARSE(app, count, words);
  if (!echo.empty()) return crm::bench::ServeEcho(echo);
  const int result =
      brokers.empty()
          ? Run(settings, self)
          : crm::bench::MeasureOnKafka({settings.crm, brokers, settings.data, settings.in_flight,
                                        settings.rounds, settings.seconds});
  std::filesystem::remove_all(settings.data);
  return result;
}
