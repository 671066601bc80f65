#include "libs/rpc/relay_stream.h"

#include <algorithm>
#include <utility>

namespace crm::rpc {

RelayStream::RelayStream(const Relay::Surroundings& in, Call call)
    : in_(in), call_(std::move(call)), give_up_(in.clock.Boottime() + kPatienceUs) {}

// Of this process's own stream: what another decides by is not known here.
Metadata RelayStream::Initial() {
  const auto own = in_.dispatcher.Open(call_);
  const std::lock_guard lock(mutex_);
  stream_ = own;
  return own->Initial();
}

void RelayStream::Next(std::function<void(Item)> done) {
  std::shared_ptr<Stream> stream;
  {
    const std::lock_guard lock(mutex_);
    waiting_ = std::move(done);
    stream = stream_;
  }
  Follow(stream ? stream : in_.dispatcher.Open(call_));
}

void RelayStream::Cancel() {
  std::shared_ptr<Stream> stream;
  {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
    stream = stream_;
  }
  if (stream) stream->Cancel();
}

// Asks the stream for its next message.
void RelayStream::Follow(std::shared_ptr<Stream> stream) {
  bool cancelled = false;
  {
    const std::lock_guard lock(mutex_);
    stream_ = stream;
    cancelled = cancelled_;
  }
  if (cancelled) stream->Cancel();
  stream->Next([self = shared_from_this()](Item item) { self->Took(std::move(item)); });
}

void RelayStream::Took(Item item) {
  if (begun_ || !item.end) return Deliver(std::move(item));
  const std::string reason = record::ReasonOf(item.status);
  if (item.elsewhere) where_ = *item.elsewhere;
  if (where_.partition < 0 || (reason != kNotServing && reason != kOwnerLost))
    return Deliver(std::move(item));
  Seek(std::move(item));
}

// Nothing has been delivered yet, and the stream that was asked is the wrong one.
void RelayStream::Seek(Item item) {
  const Owners::Known known = in_.owners.Find(where_.service, where_.partition);
  const bool there =
      !known.here && !known.address.empty() && known.address != in_.own_address && item.elsewhere;
  if (there) return Follow(in_.peers.Open(known.address, Marked(call_, in_.own_address)));
  const int64_t now = in_.clock.Boottime();
  if (now >= std::min(give_up_, call_.deadline)) return Deliver(std::move(item));
  in_.owners.WhenChanged(
      where_.service, where_.partition, known.version, now + kLookAgainUs,
      [self = shared_from_this()] { self->Follow(self->in_.dispatcher.Open(self->call_)); });
}

void RelayStream::Deliver(Item item) {
  item.elsewhere.reset();
  std::function<void(Item)> deliver;
  {
    const std::lock_guard lock(mutex_);
    begun_ = true;
    deliver = std::exchange(waiting_, nullptr);
  }
  deliver(std::move(item));
}

}  // namespace crm::rpc
