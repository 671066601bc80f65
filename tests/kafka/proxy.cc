#include "tests/kafka/proxy.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "tests/server/loopback.h"

namespace crm::test {
namespace {

constexpr int kPollMs = 2;
constexpr size_t kChunkBytes = 64 << 10;

void Prepare(int end) {
  const int on = 1;
  setsockopt(end, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK);
}

}  // namespace

Proxy::Proxy() {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      listen(listener_, 64) != 0) {
    ADD_FAILURE() << "the proxy has no port";
  }
  getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Run(); });
}

Proxy::~Proxy() {
  stop_ = true;
  thread_.join();
  close(listener_);
}

void Proxy::Cut() {
  cut_ = true;
  while (cut_) std::this_thread::yield();
}

void Proxy::Run() {
  while (!stop_) {
    std::vector<pollfd> waited = {{listener_, POLLIN, 0}};
    for (const Connection& connection : connections_) {
      for (int side = 0; side < 2; ++side) {
        if (!connection.gone[side]) waited.push_back({connection.ends[side], POLLIN, 0});
      }
    }
    poll(waited.data(), waited.size(), kPollMs);
    Accept();
    const bool cut = cut_;
    std::erase_if(connections_, [&](Connection& connection) {
      if (!cut && Pass(connection)) return false;
      for (const int end : connection.ends) close(end);
      return true;
    });
    if (cut) cut_ = false;
  }
  for (Connection& connection : connections_) {
    for (const int end : connection.ends) close(end);
  }
}

void Proxy::Accept() {
  for (int client; (client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
    const int broker = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = Loopback(target_);
    if (refused_ || connect(broker, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      close(client);
      close(broker);
      continue;
    }
    Prepare(client);
    Prepare(broker);
    Connection connection;
    connection.ends[kToBroker] = broker;
    connection.ends[kToClient] = client;
    connections_.push_back(std::move(connection));
  }
}

// False when the connection is over.
bool Proxy::Pass(Connection& connection) {
  Take(connection, kToBroker);
  Take(connection, kToClient);
  Give(connection, kToBroker);
  Give(connection, kToClient);
  if (connection.gone[kToBroker]) return false;
  return !connection.gone[kToClient] || !connection.held[kToBroker].empty();
}

void Proxy::Take(Connection& connection, Direction direction) {
  const int speaker = 1 - direction;
  if (connection.gone[speaker]) return;
  std::string bytes(kChunkBytes, '\0');
  const ssize_t size = recv(connection.ends[speaker], bytes.data(), bytes.size(), 0);
  if (size > 0) {
    bytes.resize(static_cast<size_t>(size));
    const auto due = Clock::now() + std::chrono::milliseconds(delay_ms_);
    connection.held[direction].push_back({due, std::move(bytes)});
  } else if (size == 0 || (errno != EAGAIN && errno != EINTR)) {
    connection.gone[speaker] = true;
  }
}

void Proxy::Give(Connection& connection, Direction direction) {
  auto& held = connection.held[direction];
  while (!held.empty() && !muted_[direction] && held.front().due <= Clock::now()) {
    std::string& bytes = held.front().bytes;
    const ssize_t size = send(connection.ends[direction], bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size < 0) {
      if (errno != EAGAIN && errno != EINTR) connection.gone[direction] = true;
      return;
    }
    bytes.erase(0, static_cast<size_t>(size));
    if (bytes.empty()) held.pop_front();
  }
}

}  // namespace crm::test
