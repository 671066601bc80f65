#include <algorithm>

#include "libs/log/content.h"
#include "libs/log/own_record.h"
#include "libs/log/owner.h"

// How an owner comes to its claim and loses it (C1 to C4, A4).
namespace crm::log {
namespace {

constexpr int64_t kStandbyPoll = 10'000;
constexpr int64_t kStandbyAsk = 100'000;
constexpr int64_t kClaimingPoll = 1'000;
constexpr int64_t kRetryPause = 100'000;
constexpr int64_t kPauseMin = 200'000;  // C4
constexpr int64_t kPauseMax = 10'000'000;

}  // namespace

bool Owner::MayClaim(int64_t now) const {
  return assigned_ && !await_assignment_ && now >= claim_after_;
}

void Owner::AskEnd(int64_t now, bool to_claim) {
  if (question_.open()) return;
  asking_since_ = now;
  asked_to_claim_ = to_claim;
  // All partitions of a process ask at the same instants, so that one request is for all of them.
  next_ask_ = (now / kStandbyAsk + 1) * kStandbyAsk;
  question_.Ask([partition = options_.partition, next = state().next,
                 mutations = options_.mutations](Log& log) {
    return EndNotBelow(log, partition, next, mutations);
  });
}

// kNothing: there is no answer yet.
Follower::Found Owner::HearEnd() {
  const auto answer = question_.Take();
  if (!answer) return Follower::Found::kNothing;
  asked_at_ = *answer ? asking_since_ : -1;
  if (!*answer) return follower_.Fail(answer->error());
  asked_end_ = **answer;
  if (asked_end_ > state().next) follower_.Expect(asked_end_);
  return Follower::Found::kSome;
}

// L5, and C1's reading to the end.
bool Owner::StepStandby(int64_t now) {
  const bool claim = MayClaim(now);
  const bool arrived = arrived_.exchange(false) || question_.answered();
  if (!arrived && !claim && now < next_poll_) return false;
  if (claim || now >= next_ask_) AskEnd(now, claim);
  auto found = HearEnd();
  const bool at_end = found == Follower::Found::kSome && state().next >= asked_end_;
  const bool failed = found == Follower::Found::kLater || found == Follower::Found::kTrouble;
  const bool asking = question_.open();
  // Whoever is to claim learns first whether there is anything to read: a far broker may let it
  // wait for the first answer of each kind.
  if (!at_end && !failed && !(claim && asking)) {
    found = follower_.Read();
    if (found == Follower::Found::kSome) next_poll_ = now;
  }
  if (asked_at_ >= 0 && state().next >= asked_end_) current_as_of_ = asked_at_;
  if (at_end && claim && asked_to_claim_) WriteClaim();
  if (at_end ? claim : found == Follower::Found::kSome) return true;
  const bool later = found == Follower::Found::kLater;
  next_poll_ = now + (later ? kRetryPause : kStandbyPoll);
  if (claim && !at_end && !asking) claim_after_ = std::max(claim_after_, next_poll_);
  // What is waited for wakes it.
  if (watch_ && !later && asking) next_poll_ = now + kRetryPause;
  if (watch_ && !later && !claim) next_poll_ = std::max(next_poll_, next_ask_);
  return false;
}

void Owner::WriteClaim() {
  event::v1::Claim content;
  claim_ = Claim();
  claim_.number = state().claim + 1;
  while (claim_.id == 0) claim_.id = random_.Next();
  content.set_number(claim_.number);
  content.set_id(claim_.id);
  content.set_log_id(state().log_id != 0 ? state().log_id : claim_.id);
  content.set_lease_ms(static_cast<uint32_t>(options_.lease_us / 1000));
  content.set_partitions(static_cast<uint32_t>(log_.partitions()));
  content.set_address(options_.address);
  recorded_time_us_ = state().recorded_time_us;
  auto body = std::make_shared<const std::string>(
      EncodeBody(OwnEnvelope(kClaimType, 0), ClaimValue(content)));

  producer_ = log_.NewProducer(options_.partition, wake_);
  role_ = Role::kClaiming;
  ++claims_written_;
  claim_.handed = clock_.Boottime();
  next_poll_ = claim_.handed + kClaimingPoll;
  std::vector<Outgoing> messages;
  messages.push_back({0, std::move(body)});
  producer_->Send(std::move(messages));
}

// C2: the log says whether the claim counts; its report only says that it is worth looking.
bool Owner::StepClaiming(int64_t now) {
  bool look = now >= next_poll_;
  for (const Report& report : producer_->TakeReports()) {
    look = true;
    (report.outcome == Report::Outcome::kFailed ? claim_.failed : claim_.reported) = true;
  }
  if (options_.mutations.Has(Mutation::kNoReadToClaim) && claim_.reported) {
    Activate();
    return true;
  }
  bool some = false;
  if (look) {
    const auto found = follower_.Read();
    if (found == Follower::Found::kTrouble) return true;
    some = found == Follower::Found::kSome;
    next_poll_ = some ? now : now + kClaimingPoll;
  }
  if (mine()) {
    Activate();
    return true;
  }
  if (state().claim >= claim_.number) {
    Lose(Why::kLost, now);
    return true;
  }
  if (!some && (claim_.failed || now >= claim_.handed + options_.claim_timeout_us)) {
    Lose(Why::kFailed, now);
    return true;
  }
  return some;
}

void Owner::Activate() {
  role_ = Role::kOwner;
  ++epoch_;
  next_seq_ = 1;
  recorded_time_us_ = state().recorded_time_us;
  newest_handed_ = claim_.handed;
  next_alive_ = claim_.handed + options_.lease_us / 2;
  next_poll_ = 0;
  const bool wait = claim_.number > 1 && !state().predecessor_released && !log_.exclusive() &&
                    !options_.mutations.Has(Mutation::kNoTakeOverWait) &&
                    !options_.mutations.Has(Mutation::kNoLease);
  serve_from_ = wait ? follower_.before_claim_time() + int64_t{state().lease_ms} * 1000 : 0;
}

// Everything unanswered becomes unknown; later reports of this producer are nobody's any more (A4).
void Owner::Lose(Why why, int64_t now) {
  if (role_ == Role::kOwner) {
    Settle(now);
    ++epoch_;
  }
  lease_.End();
  producer_.reset();
  flight_ = Flight();
  reports_.clear();
  report_at_ = 0;
  read_target_ = -1;
  released_sent_ = false;
  counted_ticket_ = confirmed_;
  role_ = Role::kStandby;
  next_poll_ = now;
  if (const std::string fault = log_.fault(); why == Why::kFailed && !fault.empty()) {
    follower_.Stop("the log can not be written until it is opened anew: " + fault);
  }
  if (why != Why::kWithdrawn) PlanClaim(why, now);
}

// C4. A first failure of our own is no reason to wait: nobody else has claimed.
void Owner::PlanClaim(Why why, int64_t now) {
  if (options_.mutations.Has(Mutation::kNoBackOff)) return;
  const bool beaten = why == Why::kLost || why == Why::kDeposed;
  await_assignment_ = beaten;
  const int doublings = std::min(beaten ? attempts_ : attempts_ - 1, 6);
  ++attempts_;
  if (doublings < 0) return;
  const int64_t pause = std::min(kPauseMin << doublings, kPauseMax);
  claim_after_ =
      now + pause / 2 + static_cast<int64_t>(random_.Next() % static_cast<uint64_t>(pause / 2));
}

}  // namespace crm::log
