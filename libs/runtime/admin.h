#pragma once

#include <memory>
#include <string>

#include "libs/record/result.h"
#include "libs/runtime/http.h"

namespace crm::runtime {

// The admin port: probes and metrics, in plain text and without sign-in; what it tells is no
// tenant's data. One thread serves it: slow or many clients hold up each other and nothing else.
class Admin {
 public:
  // `address`: HOST:PORT; port 0: any that is free. The pages are made on the admin port's thread.
  static record::Result<std::unique_ptr<Admin>> Start(const std::string& address, Pages pages);
  ~Admin();

  int port() const;

 private:
  class Loop;
  explicit Admin(std::unique_ptr<Loop> loop);
  std::unique_ptr<Loop> loop_;
};

}  // namespace crm::runtime
