#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace crm::ctl {

// A line on standard error that is drawn again and again; nothing where that is no terminal.
class Progress {
 public:
  // `total`: of the units that Show counts; 0: unknown.
  explicit Progress(int64_t total);
  ~Progress();

  void Show(int64_t done, const std::string& text);
  bool drawn() const { return drawn_; }
  // Takes the line away, so that other lines can be written.
  void Clear();

 private:
  int64_t total_;
  bool terminal_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point next_;
};

}  // namespace crm::ctl
