#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <thread>

#include "tools/bench/instance.h"
#include "tools/bench/load.h"
#include "tools/bench/requests.h"

// How long nobody decides a tenant's commands when the process that does so goes, as clients of two
// processes on one broker see it.
namespace {

using crm::bench::Instance;
using Time = std::chrono::steady_clock;

constexpr char kTenant[] = "acme";
constexpr int kPartitions = 4;
constexpr char kCreate[] = "/crm.sales.v1.Leads/CreateLead";
constexpr double kSessionMs = 6'000;
constexpr double kReadySeconds = 60;
constexpr int kCallMs = 20'000;

struct Settings {
  std::string crm;
  std::string brokers;
  std::string data = "/tmp/take-over-bench-" + std::to_string(getpid());
  int rounds = 3;
  int leads = 20'000;
  int clients = 4;
};

crm::bench::Metadata MetadataOf(const std::string& tenant) {
  return {{"crm-tenant", tenant}, {"crm-user", "bench@example.com"}};
}
const crm::bench::Metadata kMetadata = MetadataOf(kTenant);

double Since(Time::time_point begin) {
  return std::chrono::duration<double, std::milli>(Time::now() - begin).count();
}

std::vector<std::string> FlagsOf(const Settings& settings, int number) {
  const std::string prefix = "bench" + std::to_string(getpid()) + "-" + std::to_string(number);
  return crm::bench::ClusterFlags(settings.brokers, prefix, kPartitions);
}

void Await(const std::function<bool()>& condition) {
  while (!condition()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

// So many that each partition has some of them.
std::vector<std::string> ManyTenants() {
  std::vector<std::string> tenants;
  for (int i = 0; i < 4 * kPartitions; ++i) tenants.push_back("tenant" + std::to_string(i));
  return tenants;
}

bool OwnsSome(const Instance& instance) {
  const auto tenants = ManyTenants();
  return std::any_of(tenants.begin(), tenants.end(),
                     [&](const std::string& tenant) { return instance.Owns(tenant); });
}

// Two processes, the tenant's owner among them.
class Pair {
 public:
  Pair(const Settings& settings, int number, const std::vector<std::string>& more) {
    auto flags = FlagsOf(settings, number);
    flags.insert(flags.end(), more.begin(), more.end());
    for (const char* name : {"/one", "/two"}) {
      instances_.push_back(std::make_unique<Instance>(settings.crm, settings.data + name, flags));
    }
  }
  // The second one's coming moves partitions, so both are asked until each has some.
  bool Start() {
    for (const auto& each : instances_) {
      if (!each->AwaitReady(kReadySeconds)) return false;
    }
    for (const auto& each : instances_) Await([&] { return OwnsSome(*each); });
    const auto end = Time::now() + std::chrono::duration<double>(kReadySeconds);
    while (Time::now() < end) {
      for (size_t i = 0; i < instances_.size(); ++i) {
        if (instances_[i]->Owns(kTenant)) {
          owner_ = i;
          return true;
        }
      }
    }
    return false;
  }
  bool Fill(int leads) {
    std::atomic<int> next{0};
    crm::bench::Load load{
        kCreate,
        [&] { return crm::bench::BufferOf(crm::bench::CreateLeadBytes(1'000'000 + next++)); },
        kMetadata, 64, 0.2};
    while (next < leads) {
      if (crm::bench::Run(owner().channel(), load).failed > 0) return false;
    }
    return true;
  }
  Instance& owner() { return *instances_[owner_]; }
  Instance& other() { return *instances_[1 - owner_]; }

 private:
  std::vector<std::unique_ptr<Instance>> instances_;
  size_t owner_ = 0;
};

// Clients that call one after the other, until they are stopped: all for the tenant, or each for
// one of these.
class Clients {
 public:
  Clients(Instance& instance, int count, int first)
      : Clients(instance, std::vector<std::string>(static_cast<size_t>(count), kTenant), first) {}
  Clients(Instance& instance, const std::vector<std::string>& tenants, int first)
      : instance_(instance), next_(first) {
    for (const std::string& tenant : tenants)
      threads_.emplace_back([this, tenant] { Run(tenant); });
  }
  ~Clients() { Stop(); }
  void Stop() {
    stop_ = true;
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }
  int calls() const { return calls_; }
  int failed() const { return failed_; }
  double slowest_ms() const { return slowest_ms_; }
  const std::string& failure() const { return failure_; }

 private:
  void Run(const std::string& tenant) {
    const auto metadata = MetadataOf(tenant);
    while (!stop_) {
      const auto begin = Time::now();
      const auto called = crm::bench::CallOnce(
          instance_.channel(), kCreate, crm::bench::CreateLeadBytes(next_++), metadata, kCallMs);
      const double took = Since(begin);
      const std::lock_guard lock(mutex_);
      ++calls_;
      slowest_ms_ = std::max(slowest_ms_, took);
      if (!called.ok && failed_++ == 0) failure_ = called.failure;
    }
  }

  Instance& instance_;
  std::atomic<bool> stop_{false};
  std::atomic<int> next_;
  std::mutex mutex_;
  std::atomic<int> calls_{0};
  std::atomic<int> failed_{0};
  double slowest_ms_ = 0;
  std::string failure_;
  std::vector<std::thread> threads_;
};

bool MeasureKill(const Settings& settings, const char* title, int number,
                 const std::vector<std::string>& flags) {
  std::vector<double> rest;
  for (int round = 0; round < settings.rounds; ++round) {
    Pair pair(settings, number + round, flags);
    if (!pair.Start() || !pair.Fill(settings.leads)) return false;
    const auto begin = Time::now();
    pair.owner().child().Signal(SIGKILL);
    const std::string request = crm::bench::CreateLeadBytes(1);
    while (!crm::bench::CallOnce(pair.other().channel(), kCreate, request, kMetadata, kCallMs).ok) {
      if (Since(begin) > 120'000) return false;
    }
    rest.push_back(Since(begin) - kSessionMs);
  }
  std::printf("SIGKILL, %-18s %6d leads: session %.0f ms, and %.0f ms (%.0f to %.0f)\n", title,
              settings.leads, kSessionMs, crm::bench::Median(rest),
              *std::min_element(rest.begin(), rest.end()),
              *std::max_element(rest.begin(), rest.end()));
  return true;
}

// What clients saw in several rounds.
class Seen {
 public:
  void Add(const std::vector<const Clients*>& clients) {
    double slowest = 0;
    for (const Clients* each : clients) {
      calls_ += each->calls();
      failed_ += each->failed();
      if (each->failed() > 0) failure_ = each->failure();
      slowest = std::max(slowest, each->slowest_ms());
    }
    slowest_.push_back(slowest);
  }
  void Print(const char* title) const {
    std::printf("%s: slowest call %.0f ms (%.0f to %.0f), %d of %d calls failed %s\n", title,
                crm::bench::Median(slowest_), *std::min_element(slowest_.begin(), slowest_.end()),
                *std::max_element(slowest_.begin(), slowest_.end()), failed_, calls_,
                failure_.c_str());
  }

 private:
  std::vector<double> slowest_;
  int calls_ = 0;
  int failed_ = 0;
  std::string failure_;
};

// Clients of both: those of the one that goes call it until it says that it is not ready.
bool MeasureHandOver(const Settings& settings, int number) {
  Seen seen;
  for (int round = 0; round < settings.rounds; ++round) {
    Pair pair(settings, number + round, {});
    if (!pair.Start() || !pair.Fill(settings.leads)) return false;
    Clients leaving(pair.owner(), settings.clients, 1);
    Clients staying(pair.other(), settings.clients, 500'000);
    Await([&] { return leaving.calls() > 200 && staying.calls() > 200; });
    pair.owner().child().Signal(SIGTERM);
    Await([&] { return !pair.owner().Ready(); });
    leaving.Stop();
    pair.owner().child().Wait();
    const int after = staying.calls();
    Await([&] { return staying.calls() > after + 200; });
    staying.Stop();
    seen.Add({&leaving, &staying});
  }
  seen.Print("SIGTERM");
  return true;
}

// Half of the partitions go to a process that comes, so there is a client for a tenant of each.
bool MeasureJoin(const Settings& settings, int number) {
  Seen seen;
  for (int round = 0; round < settings.rounds; ++round) {
    const auto flags = FlagsOf(settings, number + round);
    Instance first(settings.crm, settings.data + "/one", flags);
    if (!first.AwaitReady(kReadySeconds)) return false;
    Clients clients(first, ManyTenants(), 1);
    Await([&] { return clients.calls() > 2'000; });
    Instance second(settings.crm, settings.data + "/two", flags);
    if (!second.AwaitReady(kReadySeconds)) return false;
    Await([&] { return OwnsSome(second); });
    const int after = clients.calls();
    Await([&] { return clients.calls() > after + 2'000; });
    clients.Stop();
    seen.Add({&clients});
  }
  seen.Print("a process comes");
  return true;
}

int Run(const Settings& settings) {
  const bool measured = MeasureHandOver(settings, 0) && MeasureJoin(settings, 3'000) &&
                        MeasureKill(settings, "with a standby", 1'000, {}) &&
                        MeasureKill(settings, "without a standby", 2'000, {"--standbys=0"});
  if (!measured) std::fprintf(stderr, "The processes do not serve.\n");
  return measured ? 0 : 1;
}

}  // namespace

int main(int count, char** words) {
  CLI::App app(
      "Measures how long a hand-over and a take-over between two processes on Kafka take.");
  Settings settings;
  settings.crm = std::filesystem::canonical("/proc/self/exe").parent_path() / "crm";
  app.add_option("--kafka-brokers", settings.brokers, "Such as tools/kafka starts")->required();
  app.add_option("--crm", settings.crm, "The crm program to measure");
  app.add_option("--data", settings.data, "A folder for their data; removed afterwards");
  app.add_option("--rounds", settings.rounds, "Of each; medians are printed");
  app.add_option("--leads", settings.leads, "Records of the tenant before");
  app.add_option("--clients", settings.clients, "Clients of each process at the hand-over");
  CLI11_PARSE(app, count, words);
  const int result = Run(settings);
  std::filesystem::remove_all(settings.data);
  return result;
}
