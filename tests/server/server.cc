#include "tests/server/server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>

#include "tests/server/kafka.h"
#include "tests/server/loopback.h"

namespace crm::test {
namespace {

using Time = std::chrono::steady_clock;

constexpr auto kStartTimeout = std::chrono::seconds(60);
constexpr int kPollMs = 5;
constexpr int kStopTimeoutMs = 60'000;

class Socket {
 public:
  Socket() : descriptor_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  ~Socket() { close(descriptor_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

// A port that nobody listens on at this moment.
int FreePort(const Socket& socket) {
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  bind(socket.get(), reinterpret_cast<sockaddr*>(&address), size);
  getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

// Where the environment says so, and the flags do not.
std::vector<std::string> WithLog(std::vector<std::string> flags) {
  const char* log = std::getenv("CRM_TEST_LOG");
  if (log == nullptr || log != std::string("kafka")) return flags;
  static std::atomic<int> count{0};
  const std::string prefix = "t" + std::to_string(getpid()) + "-" + std::to_string(++count);
  std::vector<std::string> all = {"--log=kafka", "--kafka-brokers=" + Kafka::Shared().bootstrap(),
                                  "--kafka-replication=1", "--kafka-allow-unsafe",
                                  "--kafka-prefix=" + prefix};
  all.insert(all.end(), flags.begin(), flags.end());
  return all;
}

}  // namespace

Server::Server(std::vector<std::string> flags, std::string program)
    : flags_(WithLog(std::move(flags))),
      program_(program.empty() ? CRM_PROGRAM : std::move(program)) {
  // Somebody else may take a port between our choosing it and the program's listening on it.
  for (int i = 0; i < 5; ++i) {
    {
      Socket grpc;
      Socket http;
      target_ = "127.0.0.1:" + std::to_string(FreePort(grpc));
      http_port_ = FreePort(http);
    }
    if (StartOnce()) return;
  }
  ADD_FAILURE() << "crm does not start:\n" << Output();
}

Server::~Server() {
  if (IsRunning()) Kill();
}

Server& Server::Shared() {
  static Server server;
  return server;
}

bool Server::StartOnce() {
  std::vector<std::string> command = {
      program_,          "serve", "--data", (folder_.path() / "data").string(),
      "--grpc",          target_, "--http", "127.0.0.1:" + std::to_string(http_port_),
      "--trust-metadata"};
  command.insert(command.end(), flags_.begin(), flags_.end());
  process_ = std::make_unique<Process>(command, folder_.path() / "output");
  return AwaitReadiness();
}

bool Server::AwaitReadiness() {
  const auto end = Time::now() + kStartTimeout;
  while (Time::now() < end) {
    if (Http("/readyz").starts_with("HTTP/1.1 200")) return true;
    if (process_->Wait(kPollMs)) return false;
  }
  return false;
}

void Server::Start() {
  if (!StartOnce()) ADD_FAILURE() << "crm does not start again:\n" << Output();
}

void Server::Signal(int signal) const { process_->Signal(signal); }

void Server::Kill() {
  process_->Signal(SIGKILL);
  process_->Wait(kStopTimeoutMs);
}

int Server::Stop() {
  process_->Signal(SIGTERM);
  return process_->Wait(kStopTimeoutMs).value_or(-1);
}

void Server::DeleteProjections() {
  std::filesystem::remove_all(folder_.path() / "data" / "projections");
}

bool Server::IsRunning() const { return process_ && !process_->Wait(0); }

std::string Server::Http(const std::string& path, const std::string& method) const {
  Socket socket;
  sockaddr_in address = Loopback(http_port_);
  if (connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return {};
  const std::string request =
      method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  if (send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0) return {};
  std::string answer;
  char buffer[4096];
  for (ssize_t size; (size = recv(socket.get(), buffer, sizeof buffer, 0)) > 0;) {
    answer.append(buffer, static_cast<size_t>(size));
  }
  return answer;
}

std::string Server::Output() const { return ReadText(folder_.path() / "output"); }

}  // namespace crm::test
