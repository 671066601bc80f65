#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>
#include <vector>

#include "tools/bench/child.h"

namespace crm::bench {

// A `crm serve` on free ports of this machine, with its data in a folder that goes with it.
class Instance {
 public:
  Instance(const std::string& crm, std::string data, const std::vector<std::string>& flags);
  ~Instance();

  // `127.0.0.1:41234`
  const std::string& address() const { return address_; }
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  Child& child() { return *child_; }
  // Owns what it is assigned, and has read everything else; as its health service says.
  bool Ready() const;
  bool AwaitReady(double seconds) const;
  // It is the one that decides this tenant's commands.
  bool Owns(const std::string& tenant) const;

 private:
  const std::string data_;
  const std::string address_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<Child> child_;
};

// Flags that make processes members of one cluster on a broker, under topics of their own.
std::vector<std::string> ClusterFlags(const std::string& brokers, const std::string& prefix,
                                      int partitions);

}  // namespace crm::bench
