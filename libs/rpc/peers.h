#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "libs/rpc/dispatcher.h"

namespace crm::rpc {

// Marks a call that another process has passed on; its value is that process's address.
inline constexpr std::string_view kForwarded = "crm-forwarded";
// Reason of an answer that says that nothing was done, because the process that was asked does not
// own the partition, or is not there.
inline constexpr std::string_view kNotServing = "NOT_SERVING";
// Reason of an answer that never came: the process may have done what it was asked for, or not.
inline constexpr std::string_view kOwnerLost = "OWNER_LOST";

// The other processes of this installation, by their addresses. What is sent to them is a call as
// it came: the same bytes, metadata and deadline. Whether they believe it is theirs to decide, as
// with any caller.
class Peers {
 public:
  virtual ~Peers() = default;
  // `done` is called once, on any thread. The function that is returned cancels the call.
  virtual std::function<void()> Unary(const std::string& address, const Call& call,
                                      std::function<void(Answer)> done) = 0;
  virtual std::shared_ptr<Stream> Open(const std::string& address, const Call& call) = 0;
};

}  // namespace crm::rpc
