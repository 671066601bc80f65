#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/chaos/linearizable.h"
#include "tests/server/cluster.h"

namespace crm::test {

// Clients that update and read a few leads through all instances, and remember what they were told.
// Each update writes a number that no other does, under a request id that it keeps until it
// succeeds.
class Load {
 public:
  struct Settings {
    uint64_t seed = 1;
    int clients = 6;
    int leads = 6;  // spread over the tenants
    // How long clients wait for an answer, and, a read in four, how long for one of a process that
    // stands still.
    int timeout_ms = 3'000;
    int long_timeout_ms = 12'000;
  };

  Load(Cluster& cluster, Settings settings);
  ~Load();

  void Begin();
  // Of those that clients are sent to; all at first. A balancer does so with what is not ready.
  void SetWanted(size_t instance, bool wanted) { wanted_[instance] = wanted; }
  // At least so many commands succeeded since Begin().
  void AwaitCommands(int count);
  int commands() const { return commands_; }
  // Lets it go on for this time; false: it is to end.
  bool Pause(std::chrono::milliseconds time);
  // Ends all clients, each after what it is about.
  void End();

  // What must hold now: what was acknowledged is in the log and in the history once, and what each
  // client saw of a lead fits into one order.
  void ExpectKept();
  // The program of docs/events.md, which knows nothing but the topic, finds as many leads and
  // changes of them as the instances show.
  void ExpectAnalystsCountTheSame();

  struct Figures {
    int commands = 0;
    int attempts = 0;
    int unavailable = 0;  // attempts
    int64_t slowest_us = 0;
  };
  Figures figures();

 private:
  struct Subject {  // one lead
    std::string tenant;
    std::string name;
    std::vector<Operation> history;
    std::set<int64_t> acknowledged;
    std::set<int64_t> unknown;
  };
  using Random = std::mt19937_64;

  void Create();
  void Run(int client);
  void Write(Random& random, Subject& subject);
  void Read(Random& random, Subject& subject);
  const Client& ClientFor(Random& random, const std::string& tenant);
  std::map<std::string, int> CountInLog();

  Cluster& cluster_;
  const Settings settings_;
  std::vector<std::atomic<bool>> wanted_;
  std::map<std::string, std::vector<Client>> clients_;  // by tenant, then by instance
  std::vector<Subject> subjects_;
  std::atomic<int64_t> last_value_{0};
  std::atomic<int> commands_{0};

  std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;
  Figures figures_;
  std::vector<std::thread> threads_;
};

}  // namespace crm::test
