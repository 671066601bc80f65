#pragma once

#include <string>

#include "libs/record/result.h"

namespace crm::runtime {

// A file descriptor that closes itself.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept;
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();
  int number() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }

 private:
  int number_ = -1;
};

// A TCP socket that listens on HOST:PORT and never blocks.
record::Result<Descriptor> ListenOn(const std::string& address);

// The port that a socket listens on.
int PortOf(const Descriptor& socket);

}  // namespace crm::runtime
