#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "libs/rpc/relay.h"

namespace crm::rpc {

// How long a call waits for an owner: a hand-over takes less, and whoever asks has not given up.
inline constexpr int64_t kPatienceUs = 2'500'000;
// An owner that was not ready yet becomes so without a change of who it is.
inline constexpr int64_t kLookAgainUs = 50'000;

// The call as it is passed on.
Call Marked(const Call& call, const std::string& own_address);

// A stream of this process or of the owner's. One that has begun stays where it is: it ends with a
// position when its owner changes, and the client goes on from there.
class RelayStream final : public Stream, public std::enable_shared_from_this<RelayStream> {
 public:
  RelayStream(const Relay::Surroundings& in, Call call);

  void Initial(std::function<void(std::optional<Metadata>)> done) override;
  void Next(std::function<void(Item)> done) override;
  void Cancel() override;

 private:
  void Follow(std::shared_ptr<Stream> stream);
  void Begin(std::optional<Metadata> initial);
  void Ask(Stream& stream);
  void Took(Item item);
  void Seek(Item item);
  void Deliver(Item item);

  const Relay::Surroundings& in_;
  const Call call_;
  const int64_t give_up_;
  std::mutex mutex_;
  std::shared_ptr<Stream> stream_;
  std::function<void(std::optional<Metadata>)> beginning_;  // waits for Begin()
  std::function<void(Item)> waiting_;
  std::optional<Item> first_;  // it came before it was asked for
  bool begun_ = false;
  bool cancelled_ = false;
  Elsewhere where_;
};

}  // namespace crm::rpc
