#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace crm::bench {

// A program of ours that runs while it is measured, and is ended with this object.
class Child {
 public:
  explicit Child(const std::vector<std::string>& command);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Processor time, user and system, in seconds.
  double CpuSeconds() const;
  bool Alive() const;
  void Signal(int signal) const;
  // Until it has ended by itself, or by a signal.
  void Wait();

 private:
  pid_t pid_ = -1;
};

// A loopback port that nobody listens on at this moment.
int FreePort();

}  // namespace crm::bench
