#include "libs/runtime/admin.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "libs/runtime/listener.h"

namespace crm::runtime {
namespace {

using Clock = std::chrono::steady_clock;

// Further clients wait until one of these is done, or has asked for nothing for a while.
constexpr size_t kConnections = 64;
constexpr auto kSilence = std::chrono::milliseconds(250);
// From a connection's first moment to its last.
constexpr auto kConnectionTime = std::chrono::seconds(5);

// One request and its answer.
class Connection {
 public:
  explicit Connection(Descriptor socket)
      : socket_(std::move(socket)), deadline_(Clock::now() + kConnectionTime) {}

  pollfd Wanted() const {
    return {socket_.number(), static_cast<int16_t>(sent_ < answer_.size() ? POLLOUT : POLLIN), 0};
  }
  Clock::time_point deadline() const { return deadline_; }
  // When another may have its place, if there is no other.
  Clock::time_point yields_at() const {
    return answer_.empty() ? deadline_ - kConnectionTime + kSilence : deadline_;
  }

  // False once nothing is left to do.
  bool Go(const Pages& pages) { return sent_ < answer_.size() ? Send() : Receive(pages); }

 private:
  bool Receive(const Pages& pages) {
    char bytes[4096];
    const ssize_t count = recv(socket_.number(), bytes, sizeof bytes, 0);
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    if (count == 0) return false;
    // What comes after the request is read and forgotten: closing a socket with unread bytes would
    // take the answer from the client.
    if (!answer_.empty()) return true;
    received_.append(bytes, static_cast<size_t>(count));
    auto answer = AnswerHttp(pages, received_);
    if (!answer) return true;
    answer_ = std::move(*answer);
    return Send();
  }

  bool Send() {
    const ssize_t count =
        send(socket_.number(), answer_.data() + sent_, answer_.size() - sent_, MSG_NOSIGNAL);
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    sent_ += static_cast<size_t>(count);
    if (sent_ == answer_.size()) shutdown(socket_.number(), SHUT_WR);
    return true;
  }

  Descriptor socket_;
  Clock::time_point deadline_;
  std::string received_;
  std::string answer_;
  size_t sent_ = 0;
};

}  // namespace

class Admin::Loop {
 public:
  Loop(Descriptor listener, Descriptor stop, Pages pages)
      : listener_(std::move(listener)),
        stop_(std::move(stop)),
        pages_(std::move(pages)),
        thread_([this] { Run(); }) {}
  ~Loop() {
    eventfd_write(stop_.number(), 1);
    thread_.join();
  }

  int port() const { return PortOf(listener_); }

 private:
  void Run() {
    std::vector<pollfd> wanted;
    while (true) {
      wanted.assign({{stop_.number(), POLLIN, 0}});
      for (const Connection& connection : connections_) wanted.push_back(connection.Wanted());
      if (HasPlace()) wanted.push_back({listener_.number(), POLLIN, 0});
      poll(wanted.data(), wanted.size(), MillisecondsLeft());
      if (wanted[0].revents != 0) return;
      Serve(wanted);
      if (wanted.back().fd == listener_.number() && wanted.back().revents != 0) Accept();
    }
  }

  int MillisecondsLeft() const {
    if (connections_.empty()) return -1;
    auto next = Clock::time_point::max();
    // One that may go must go only if somebody comes.
    const bool full = !HasPlace();
    for (const Connection& connection : connections_) {
      next = std::min(next, full ? connection.yields_at() : connection.deadline());
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now()).count();
    return static_cast<int>(std::max<int64_t>(left, 0));
  }

  // The first of `polled` is the stop signal; the connections follow in their order.
  void Serve(const std::vector<pollfd>& polled) {
    const auto now = Clock::now();
    std::vector<Connection> left;
    for (size_t i = 0; i < connections_.size(); ++i) {
      const bool on_time = now < connections_[i].deadline();
      const bool idle = polled[i + 1].revents == 0;
      if (on_time && (idle || connections_[i].Go(pages_)))
        left.push_back(std::move(connections_[i]));
    }
    connections_ = std::move(left);
  }

  // They stand in the order in which they came.
  std::vector<Connection>::const_iterator FirstToYield() const {
    return std::find_if(
        connections_.begin(), connections_.end(),
        [now = Clock::now()](const Connection& each) { return now >= each.yields_at(); });
  }
  bool HasPlace() const {
    return connections_.size() < kConnections || FirstToYield() != connections_.end();
  }

  void Accept() {
    Descriptor socket(accept4(listener_.number(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket) return;
    if (connections_.size() >= kConnections) {
      const auto first = FirstToYield();
      if (first == connections_.end()) return;
      connections_.erase(first);
    }
    connections_.emplace_back(std::move(socket));
  }

  const Descriptor listener_;
  const Descriptor stop_;
  const Pages pages_;
  std::vector<Connection> connections_;
  std::thread thread_;
};

record::Result<std::unique_ptr<Admin>> Admin::Start(const std::string& address, Pages pages) {
  auto listener = ListenOn(address);
  if (!listener) return listener.error();
  Descriptor stop(eventfd(0, EFD_CLOEXEC));
  if (!stop) return record::Error{"can not make an eventfd", true};
  return std::unique_ptr<Admin>(new Admin(
      std::make_unique<Loop>(std::move(listener).value(), std::move(stop), std::move(pages))));
}

Admin::Admin(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}

Admin::~Admin() = default;

int Admin::port() const { return loop_->port(); }

}  // namespace crm::runtime
