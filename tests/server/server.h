#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/server/process.h"

namespace crm::test {

// A running `crm serve` on free ports of this machine, with its data in a temporary folder. With
// CRM_TEST_LOG=kafka in the environment its log is on a real Kafka, one for the test program, and
// under names of its own there.
class Server {
 public:
  // Ready when it returns; `flags` are added to its command line. `program`: another one than
  // `crm`, with the same settings.
  explicit Server(std::vector<std::string> flags = {}, std::string program = {});
  // Kills it.
  ~Server();

  // One for the whole test program, for tests that keep to a tenant of their own.
  static Server& Shared();

  void Signal(int signal) const;
  // As after a power failure: SIGKILL, from one instant to the next.
  void Kill();
  // SIGTERM; the exit code.
  int Stop();
  // On the same ports and data, and ready again when it returns.
  void Start();
  void DeleteProjections();
  bool IsRunning() const;

  // `127.0.0.1:41234`
  const std::string& target() const { return target_; }
  // Answer of the HTTP port, status line and headers included; empty: none.
  std::string Http(const std::string& path, const std::string& method = "GET") const;
  const std::filesystem::path& folder() const { return folder_.path(); }
  // What it printed so far.
  std::string Output() const;

 private:
  bool StartOnce();
  bool AwaitReadiness();

  const std::vector<std::string> flags_;
  const std::string program_;
  TemporaryFolder folder_;
  int http_port_ = 0;
  std::string target_;
  std::unique_ptr<Process> process_;
};

}  // namespace crm::test
