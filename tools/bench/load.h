#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/support/byte_buffer.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace crm::bench {

using Metadata = std::vector<std::pair<std::string, std::string>>;

// Calls of one method, always the same number of them in flight.
struct Load {
  std::string path;
  std::function<grpc::ByteBuffer()> next_request;  // called from several threads
  Metadata metadata;
  int in_flight = 1;
  double seconds = 1;
};

struct Measured {
  double calls_per_second = 0;
  double p50_us = 0;
  double p99_us = 0;
  int64_t calls = 0;
  int64_t failed = 0;
  std::string first_failure;
};

// `seen`, if given, gets every response.
Measured Run(const std::shared_ptr<grpc::Channel>& channel, const Load& load,
             const std::function<void(const grpc::ByteBuffer&)>& seen = nullptr);

struct Called {
  bool ok = false;
  std::string response;
  std::string failure;
};
// One call, waiting for its end.
Called CallOnce(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
                const std::string& request, const Metadata& metadata, int timeout_ms);

// 0 of none.
double Median(std::vector<double> values);

grpc::ByteBuffer BufferOf(const std::string& bytes);
std::string TextOf(const grpc::ByteBuffer& buffer);

}  // namespace crm::bench
