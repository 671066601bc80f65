#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

// A plain HTTP request on a socket, for tests.
namespace crm::runtime {

struct HttpAnswer {
  int status = 0;
  std::string head;
  std::string body;
};

// -1: it is refused.
inline int ConnectTo(int port) {
  const int connection = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(connection, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0)
    return connection;
  close(connection);
  return -1;
}

inline HttpAnswer SendHttp(int port, const std::string& text) {
  HttpAnswer answer;
  const int connection = ConnectTo(port);
  std::string all;
  if (connection >= 0 && send(connection, text.data(), text.size(), MSG_NOSIGNAL) ==
                             static_cast<ssize_t>(text.size())) {
    char buffer[4096];
    ssize_t count = 0;
    while ((count = recv(connection, buffer, sizeof buffer, 0)) > 0)
      all.append(buffer, static_cast<size_t>(count));
  }
  close(connection);
  const size_t end = all.find("\r\n\r\n");
  if (end == std::string::npos) return answer;
  answer.head = all.substr(0, end);
  answer.body = all.substr(end + 4);
  answer.status = std::stoi(all.substr(9, 3));
  return answer;
}

inline HttpAnswer Get(int port, const std::string& path) {
  return SendHttp(port,
                  "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
}

}  // namespace crm::runtime
