#include "libs/rpc/relay.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "libs/rpc/caller.h"
#include "libs/rpc/relay_stream.h"

namespace crm::rpc {
namespace {

// A call to a process that is no longer the owner is given this long to end by itself.
constexpr int64_t kGraceUs = 200'000;
// A call whose owner is lost again and again ends at some time.
constexpr int kMostLosses = 5;

// One unary call on its way.
class Passage : public std::enable_shared_from_this<Passage> {
 public:
  Passage(const Relay::Surroundings& in, Call call, std::function<void(Answer)> done)
      : in_(in), call_(std::move(call)), done_(std::move(done)) {
    give_up_ = in_.clock.Boottime() + kPatienceUs;
  }

  void Try() {
    in_.dispatcher.Unary(
        call_, [self = shared_from_this()](Answer answer) { self->TookHere(std::move(answer)); });
  }

 private:
  void TookHere(Answer answer) {
    if (!answer.elsewhere) return done_(std::move(answer));
    where_ = *answer.elsewhere;
    const Owners::Known known = in_.owners.Find(where_.service, where_.partition);
    if (known.here || known.address.empty() || known.address == in_.own_address)
      return Wait(known.version, std::move(answer));
    Forward(known);
  }

  void Forward(const Owners::Known& known) {
    auto ended = std::make_shared<std::atomic<bool>>(false);
    auto watch = std::make_shared<std::atomic<uint64_t>>(0);
    auto cancel = in_.peers.Unary(
        known.address, Marked(call_, in_.own_address),
        [self = shared_from_this(), version = known.version, ended, watch](Answer answer) {
          ended->store(true);
          self->in_.owners.Forget(watch->load());
          self->TookThere(version, std::move(answer));
        });
    // Nobody waits for a process that stands still once another is the owner.
    watch->store(in_.owners.WhenChanged(
        where_.service, where_.partition, known.version, INT64_MAX,
        [self = shared_from_this(), ended, cancel = std::move(cancel)] {
          if (ended->load()) return;
          const auto now = self->in_.owners.Find(self->where_.service, self->where_.partition);
          self->in_.owners.WhenChanged(self->where_.service, self->where_.partition, now.version,
                                       self->in_.clock.Boottime() + kGraceUs, cancel);
        }));
    if (ended->load()) in_.owners.Forget(watch->load());
  }

  void TookThere(uint64_t version, Answer answer) {
    const std::string reason = record::ReasonOf(answer.status);
    if (reason == kNotServing) return Wait(version, std::move(answer));
    if (reason != kOwnerLost || ++losses_ > kMostLosses || !in_.dispatcher.MayRepeat(call_))
      return done_(std::move(answer));
    // The wait for an answer that did not come is no part of the wait for an owner.
    const auto now = in_.owners.Find(where_.service, where_.partition);
    if (now.version != version) give_up_ = in_.clock.Boottime() + kPatienceUs;
    Wait(version, std::move(answer));
  }

  void Wait(uint64_t version, Answer answer) {
    const int64_t now = in_.clock.Boottime();
    if (now >= std::min(give_up_, call_.deadline)) {
      answer.elsewhere.reset();
      return done_(std::move(answer));
    }
    const int64_t until = std::min({give_up_, call_.deadline, now + kLookAgainUs});
    in_.owners.WhenChanged(where_.service, where_.partition, version, until,
                           [self = shared_from_this()] { self->Try(); });
  }

  const Relay::Surroundings& in_;
  const Call call_;
  const std::function<void(Answer)> done_;
  Elsewhere where_;
  int64_t give_up_;
  int losses_ = 0;
};

}  // namespace

Call Marked(const Call& call, const std::string& own_address) {
  Call marked = call;
  marked.metadata.push_back({std::string(kForwarded), own_address});
  return marked;
}

Relay::Relay(Dispatcher& dispatcher, Owners& owners, Peers& peers, const record::Clock& clock,
             std::string own_address)
    : in_{dispatcher, owners, peers, clock, std::move(own_address)} {}

void Relay::Unary(Call call, std::function<void(Answer)> done) {
  if (!Find(call.metadata, kForwarded).empty())
    return in_.dispatcher.Unary(std::move(call), std::move(done));
  std::make_shared<Passage>(in_, std::move(call), std::move(done))->Try();
}

std::shared_ptr<Stream> Relay::Open(Call call) {
  if (!Find(call.metadata, kForwarded).empty()) return in_.dispatcher.Open(std::move(call));
  return std::make_shared<RelayStream>(in_, std::move(call));
}

}  // namespace crm::rpc
