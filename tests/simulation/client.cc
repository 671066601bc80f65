#include "tests/simulation/client.h"

#include "tests/simulation/world.h"

namespace crm::simulation {
namespace {

constexpr int kTriesMax = 5;

bool IsUnknown(int code) {
  return code == record::kUnavailable || code == record::kDeadlineExceeded;
}

}  // namespace

Client::Client(World& world, size_t number, uint64_t seed)
    : world_(world),
      tenant_(kTenants[number % 4 == 3]),
      user_("users/" + Workload::ChosenId(900 + number)),
      dice_(seed),
      workload_(seed + 1) {}

void Client::WantOnly(Operation* operation) {
  workload_.DrawLast(operation);
  operation_ = operation;
  insists_ = true;
  Send();
}

void Client::Begin() {
  if (insists_) return;
  auto& known = world_.operations();
  if (!known.empty() && dice_.Chance(0.04)) {
    // Asks once more for something that was wanted before, perhaps long ago.
    Operation& old = *known[dice_.Below(known.size())];
    if (old.tenant == tenant_ && !old.request_id.empty()) operation_ = &old;
  }
  if (operation_ == nullptr) {
    operation_ = &world_.NewOperation(tenant_, user_);
    Knowledge& knowledge = world_.knowledge(tenant_);
    workload_.Draw(knowledge, operation_);
    if (!operation_->request_id.empty()) knowledge.request_ids.push_back(operation_->request_id);
    operation_ = &world_.SameAs(*operation_);
  }
  tries_ = 0;
  Send();
}

void Client::Send() {
  ++tries_;
  const size_t process =
      dice_.Chance(tries_ == 1 ? 0.85 : 0.6) ? world_.active() : dice_.Below(world_.processes());
  const int64_t patience = insists_ ? 1'500'000 : Between(dice_, 300'000, 8'000'000);
  give_up_us_ = world_.time().now_us + patience;
  attempt_ = &world_.Send(*operation_, process, dice_.Chance(0.2) ? give_up_us_ : 0);
}

void Client::TryAgain() {
  const bool may = operation_->reads || !operation_->request_id.empty();
  if (insists_ || (may && tries_ < kTriesMax)) {
    attempt_ = nullptr;
    resume_us_ = world_.time().now_us + Between(dice_, 10'000, 300'000);
    return;
  }
  operation_ = nullptr;
}

void Client::Step() {
  if (operation_ == nullptr) return Begin();
  if (attempt_ == nullptr) {
    if (world_.time().now_us >= resume_us_) Send();
  } else if (attempt_->responded != 0) {
    if (IsUnknown(attempt_->answer.status.code())) return TryAgain();
    operation_ = nullptr;
  } else if (world_.time().now_us >= give_up_us_) {
    TryAgain();
  }
}

}  // namespace crm::simulation
