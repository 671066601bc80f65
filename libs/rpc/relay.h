#pragma once

#include <functional>
#include <memory>
#include <string>

#include "libs/record/clock.h"
#include "libs/rpc/dispatcher.h"
#include "libs/rpc/owners.h"
#include "libs/rpc/peers.h"

namespace crm::rpc {

// Any process takes any call: what this one does not own is passed on to the owner, once; while
// there is none, as during a hand-over, the call waits a little. What may have been done already is
// not done again, unless repeating it does no harm.
class Relay {
 public:
  // All must outlive the relay. `own_address`: where other processes reach this one.
  Relay(Dispatcher& dispatcher, Owners& owners, Peers& peers, const record::Clock& clock,
        std::string own_address);

  void Unary(Call call, std::function<void(Answer)> done);
  std::shared_ptr<Stream> Open(Call call);

  // What one call needs of it.
  struct Surroundings {
    Dispatcher& dispatcher;
    Owners& owners;
    Peers& peers;
    const record::Clock& clock;
    const std::string own_address;
  };

 private:
  const Surroundings in_;
};

}  // namespace crm::rpc
