#include "libs/rpc/server/health.h"

#include <utility>

#include "grpc/health/v1/health.pb.h"

namespace crm::rpc {
namespace {

namespace v1 = grpc::health::v1;
using Response = v1::HealthCheckResponse;

constexpr int kRetryMs = 1'000;

std::string Encode(int state) {
  Response response;
  response.set_status(static_cast<Response::ServingStatus>(state));
  return response.SerializeAsString();
}

record::Status Malformed() {
  return record::MakeStatus(record::kInvalidArgument, "MALFORMED_REQUEST",
                            "The request is no message of its type.");
}

}  // namespace

// Sends a state when it differs from the one sent before.
class Health::WatchStream final : public Stream {
 public:
  WatchStream(Health& health, std::string service, bool malformed)
      : health_(health), service_(std::move(service)), malformed_(malformed) {
    std::lock_guard lock(health_.mutex_);
    health_.watches_.insert(this);
  }
  ~WatchStream() override {
    std::lock_guard lock(health_.mutex_);
    health_.watches_.erase(this);
  }

  void Next(std::function<void(Item)> done) override {
    std::function<void()> send;
    {
      std::lock_guard lock(health_.mutex_);
      waiting_ = std::move(done);
      send = TakeIfDue();
    }
    if (send) send();
  }

  void Cancel() override {
    std::function<void()> send;
    {
      std::lock_guard lock(health_.mutex_);
      cancelled_ = true;
      send = TakeIfDue();
    }
    if (send) send();
  }

  // The answer to a waiting Next, if there is one to give. Under the lock.
  std::function<void()> TakeIfDue() {
    const int state = health_.StateOf(service_);
    const bool end = cancelled_ || malformed_;
    if (!waiting_ || (!end && state == sent_)) return nullptr;
    Item item;
    item.end = end;
    if (malformed_) {
      item.status = Malformed();
    } else if (cancelled_) {
      item.status =
          record::Unavailable("SERVER_STOPPING", "The server is about to stop.", kRetryMs);
    } else {
      sent_ = state;
      item.message = Encode(state);
    }
    return [done = std::exchange(waiting_, nullptr), item = std::move(item)] { done(item); };
  }

 private:
  Health& health_;
  const std::string service_;
  const bool malformed_;
  bool cancelled_ = false;
  int sent_ = -1;
  std::function<void(Item)> waiting_;
};

Health::Health(const std::vector<std::string>& services) : services_(services) {
  services_.emplace_back();
  services_.emplace_back(kReadiness);
  for (const std::string& service : services_) serving_[service] = false;
  serving_[kStartup] = false;
  serving_[kLiveness] = true;
}

void Health::Set(const std::string& name, bool serving) {
  Ready ready;
  {
    std::lock_guard lock(mutex_);
    serving_[name] = serving;
    ready = CollectChanged();
  }
  for (const auto& send : ready) send();
}

void Health::SetReady(bool is_ready) {
  Ready ready;
  {
    std::lock_guard lock(mutex_);
    for (const std::string& service : services_) serving_[service] = is_ready;
    ready = CollectChanged();
  }
  for (const auto& send : ready) send();
}

Health::Ready Health::CollectChanged() {
  Ready ready;
  for (WatchStream* watch : watches_) {
    if (auto send = watch->TakeIfDue()) ready.push_back(std::move(send));
  }
  return ready;
}

int Health::StateOf(const std::string& name) const {
  const auto found = serving_.find(name);
  if (found == serving_.end()) return Response::SERVICE_UNKNOWN;
  return found->second ? Response::SERVING : Response::NOT_SERVING;
}

Answer Health::Check(const Call& call) {
  Answer answer;
  v1::HealthCheckRequest request;
  if (!request.ParseFromString(call.request)) {
    answer.status = Malformed();
    return answer;
  }
  std::lock_guard lock(mutex_);
  const int state = StateOf(request.service());
  if (state == Response::SERVICE_UNKNOWN) {
    answer.status = record::MakeStatus(record::kNotFound, "UNKNOWN_SERVICE",
                                       "The server has no service of this name.");
  } else {
    answer.body = Encode(state);
  }
  return answer;
}

std::shared_ptr<Stream> Health::Watch(const Call& call) {
  v1::HealthCheckRequest request;
  const bool parsed = request.ParseFromString(call.request);
  return std::make_shared<WatchStream>(*this, request.service(), !parsed);
}

std::vector<Endpoint> Health::Endpoints() {
  return {
      {"/grpc.health.v1.Health/Check",
       UnaryFunction([this](const Call& call, const std::function<void(Answer)>& done) {
         done(Check(call));
       })},
      {"/grpc.health.v1.Health/Watch",
       StreamFunction([this](const Call& call) { return Watch(call); })},
  };
}

}  // namespace crm::rpc
