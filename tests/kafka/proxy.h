#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace crm::test {

// Stands between clients and a broker, on a free port of this machine, and passes on what both say:
// or holds one direction back, or everything for a while, or breaks connections off.
class Proxy {
 public:
  enum Direction { kToBroker = 0, kToClient = 1 };

  Proxy();
  ~Proxy();
  int port() const { return port_; }
  void ForwardTo(int port) { target_ = port; }

  // What is said in this direction is held back and arrives when it is unmuted, even if who said it
  // is gone by then.
  void Mute(Direction direction, bool muted = true) { muted_[direction] = muted; }
  // Everything arrives so much later.
  void Delay(std::chrono::milliseconds delay) { delay_ms_ = delay.count(); }
  // Every connection ends; what was held back is lost.
  void Cut();
  // Nobody gets through: new connections end at once.
  void Refuse(bool refused) { refused_ = refused; }

 private:
  using Clock = std::chrono::steady_clock;
  struct Chunk {
    Clock::time_point due;
    std::string bytes;
  };
  struct Connection {
    int ends[2];  // where a direction's bytes go to: the broker, the client
    bool gone[2] = {false, false};
    std::deque<Chunk> held[2];
  };

  void Run();
  void Accept();
  bool Pass(Connection& connection);
  void Take(Connection& connection, Direction direction);
  void Give(Connection& connection, Direction direction);

  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> target_{0};
  std::atomic<bool> muted_[2] = {false, false};
  std::atomic<int64_t> delay_ms_{0};
  std::atomic<bool> refused_{false};
  std::atomic<bool> cut_{false};
  std::atomic<bool> stop_{false};
  std::vector<Connection> connections_;
  std::thread thread_;
};

}  // namespace crm::test
