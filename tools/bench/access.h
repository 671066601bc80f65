#pragma once

#include <grpcpp/channel.h>

#include <memory>

#include "tools/bench/child.h"

namespace crm::bench {

struct AccessSettings {
  int records = 1'000'000;
  int rounds = 5;
  double seconds = 1;
};

// Measures what rights cost on a server, in an organization of 200 roles, 5,000 users and 300
// units: calls of somebody with rights of its own beside the same calls of an open tenant; lists of
// a user who may read a thousandth of the leads beside those of one who may read all; and moving a
// user who owns a tenth of them. Prints a table; false where a call failed.
bool MeasureAccess(const std::shared_ptr<grpc::Channel>& crm, const Child& server,
                   const AccessSettings& settings);

}  // namespace crm::bench
