#pragma once

#include <netinet/in.h>

#include <cstdint>

namespace crm::test {

// This machine, as its own sockets see it; port 0: any that is free.
inline sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

}  // namespace crm::test
