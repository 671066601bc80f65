#include "libs/rpc/relay_stream.h"

#include <algorithm>
#include <utility>

namespace crm::rpc {

RelayStream::RelayStream(const Relay::Surroundings& in, Call call)
    : in_(in), call_(std::move(call)), give_up_(in.clock.Boottime() + kPatienceUs) {}

// What the process says that serves the stream: it is found first.
void RelayStream::Initial(std::function<void(std::optional<Metadata>)> done) {
  {
    const std::lock_guard lock(mutex_);
    beginning_ = std::move(done);
  }
  Follow(in_.dispatcher.Open(call_));
}

void RelayStream::Next(std::function<void(Item)> done) {
  std::shared_ptr<Stream> stream;
  std::optional<Item> first;
  {
    const std::lock_guard lock(mutex_);
    first = std::exchange(first_, std::nullopt);
    if (!first) waiting_ = std::move(done);
    stream = stream_;
  }
  if (first) return done(*std::move(first));
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

// Asks the stream how it begins, or, once that was told, for its next message.
void RelayStream::Follow(std::shared_ptr<Stream> stream) {
  bool cancelled = false;
  bool beginning = false;
  {
    const std::lock_guard lock(mutex_);
    stream_ = stream;
    cancelled = cancelled_;
    beginning = beginning_ != nullptr;
  }
  if (cancelled) stream->Cancel();
  if (!beginning) return Ask(*stream);
  stream->Initial([self = shared_from_this()](std::optional<Metadata> initial) {
    self->Begin(std::move(initial));
  });
}

void RelayStream::Begin(std::optional<Metadata> initial) {
  std::shared_ptr<Stream> stream;
  std::function<void(std::optional<Metadata>)> tell;
  {
    const std::lock_guard lock(mutex_);
    stream = stream_;
    if (initial) tell = std::exchange(beginning_, nullptr);
  }
  if (!tell) return Ask(*stream);  // why it is not open
  tell(std::move(initial));
}

void RelayStream::Ask(Stream& stream) {
  stream.Next([self = shared_from_this()](Item item) { self->Took(std::move(item)); });
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
  std::function<void(std::optional<Metadata>)> tell;
  std::function<void(Item)> deliver;
  {
    const std::lock_guard lock(mutex_);
    begun_ = true;
    tell = std::exchange(beginning_, nullptr);
    if (tell) {
      first_ = std::move(item);
    } else {
      deliver = std::exchange(waiting_, nullptr);
    }
  }
  if (tell) return tell(std::nullopt);
  deliver(std::move(item));
}

}  // namespace crm::rpc
