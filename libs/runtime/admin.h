#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "libs/record/result.h"

namespace crm::runtime {

// What a path of the admin port answers.
struct Page {
  int status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::string body;
};

// A small HTTP/1.1 server for probes and metrics: GET and HEAD of a few paths. It is plain text and
// has no sign-in; what it tells is no tenant's data.
class Admin {
 public:
  // By path, such as `/metrics`; called on the server's threads, several at a time.
  using Pages = std::map<std::string, std::function<Page()>>;

  // `address`: HOST:PORT; port 0: any that is free.
  static record::Result<std::unique_ptr<Admin>> Start(const std::string& address, Pages pages);
  ~Admin();

  int port() const;

 private:
  struct Parts;
  explicit Admin(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace crm::runtime
