#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/server/process.h"

namespace crm::test {

// A real Apache Kafka on free ports of this machine (tools/kafka), in a temporary folder. It ends
// with the object, and when the test itself is killed.
class Kafka {
 public:
  struct Options {
    int brokers = 1;
    std::vector<std::string> settings;  // further ones of the brokers, as `name=value`
    // Ports at which proxies of the test's own listen, one for each broker: clients that come in
    // through them are told to come back the same way.
    std::vector<int> proxied;
  };

  // Every broker answers when it returns.
  Kafka();
  explicit Kafka(const Options& options);
  ~Kafka();

  // One broker for the whole test program, for tests that keep to topics of their own.
  static Kafka& Shared();
  // A name that no other test of this program has.
  static std::string NewTopic();

  // `127.0.0.1:24243`, comma-separated.
  const std::string& bootstrap() const { return bootstrap_; }
  const std::string& proxied_bootstrap() const { return proxied_bootstrap_; }
  // Where the proxy of a broker has to forward to.
  int behind_proxy(size_t broker = 0) const { return brokers_[broker].behind_proxy; }

  // Brokers are counted from 0; their ids in the cluster from 1.
  size_t size() const { return brokers_.size(); }
  void Signal(int signal, size_t broker = 0) const;
  // SIGKILL, and it is gone when it returns.
  void Kill(size_t broker = 0);
  // On the same port and data as before; answers when it returns.
  void Start(size_t broker = 0);
  std::string Output(size_t broker = 0) const;

  // The broker that leads a partition, once there is one.
  size_t LeaderOf(const std::string& topic, int partition) const;
  // Returns once every replica has all that its partition's leader has.
  void AwaitInSync(const std::string& topic) const;

 private:
  struct Broker {
    std::vector<std::string> command;
    std::string folder;
    int behind_proxy = 0;
    std::unique_ptr<Process> process;
  };
  bool Prepare(const Options& options);
  void Run(Broker& broker);
  bool Await() const;

  TemporaryFolder folder_;
  std::string bootstrap_;
  std::string proxied_bootstrap_;
  std::vector<Broker> brokers_;
};

}  // namespace crm::test
