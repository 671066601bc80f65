#include "libs/rpc/server/peer_stream.h"

#include <utility>

#include "libs/rpc/server/bytes.h"
#include "libs/rpc/server/passed_on.h"

namespace crm::rpc {

std::shared_ptr<Stream> PeerStream::Open(grpc::GenericStub& stub, const Call& call,
                                         const record::Clock& clock) {
  auto stream = std::make_shared<PeerStream>();
  PassOn(call, clock, &stream->context_);
  stream->request_ = ToBuffer(call.request);
  stream->self_ = stream;
  stub.PrepareBidiStreamingCall(&stream->context_, call.path, {}, stream.get());
  // Reads are begun from outside of gRPC's own calls, until there is nothing more to read.
  stream->AddHold();
  stream->StartWriteLast(&stream->request_, grpc::WriteOptions());
  stream->StartCall();
  return stream;
}

void PeerStream::Initial(std::function<void(std::optional<Metadata>)> done) {
  {
    const std::lock_guard lock(mutex_);
    if (!begun_) {
      beginning_ = std::move(done);
      return;
    }
  }
  done(initial_);
}

void PeerStream::OnReadInitialMetadataDone(bool ok) {
  std::function<void(std::optional<Metadata>)> tell;
  {
    const std::lock_guard lock(mutex_);
    begun_ = true;
    if (ok) initial_ = InitialOf(context_);
    tell = std::exchange(beginning_, nullptr);
  }
  if (tell) tell(initial_);
}

void PeerStream::Next(std::function<void(Item)> done) {
  std::optional<Item> end;
  {
    const std::lock_guard lock(mutex_);
    if (!end_) {
      waiting_ = std::move(done);
      ReadMore();
      return;
    }
    end = end_;
  }
  done(*std::move(end));
}

void PeerStream::Cancel() {
  context_.TryCancel();
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  ReadMore();  // to its end, whether anybody waits for that or not
}

void PeerStream::ReadMore() {
  if (reading_ || drained_) return;
  reading_ = true;
  StartRead(&message_);
}

void PeerStream::OnReadDone(bool ok) {
  std::function<void(Item)> deliver;
  Item item;
  {
    const std::lock_guard lock(mutex_);
    reading_ = false;
    if (!ok) {
      drained_ = true;
    } else if (waiting_) {
      item.message = ToText(message_);
      deliver = std::exchange(waiting_, nullptr);
    }
    message_.Clear();
    if (ok && cancelled_) ReadMore();
  }
  if (deliver) deliver(std::move(item));
  if (!ok) RemoveHold();
}

void PeerStream::OnDone(const grpc::Status& status) {
  std::function<void(Item)> deliver;
  Item end;
  end.end = true;
  end.status = StatusOf(status);
  end.trailing = TrailingOf(context_);
  {
    const std::lock_guard lock(mutex_);
    end_ = end;
    deliver = std::exchange(waiting_, nullptr);
  }
  const auto kept = std::move(self_);
  if (deliver) deliver(std::move(end));
}

}  // namespace crm::rpc
