#include "libs/log/copy_writer.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "libs/log/own_record.h"
#include "libs/record/uuid.h"

namespace crm::log {
namespace {

using record::Done;
using record::Error;
using record::Result;

constexpr size_t kGroupBytes = 2 << 20;
constexpr auto kLongestWait = std::chrono::seconds(60);

}  // namespace

CopyWriter::CopyWriter(Log& log, int partition, const record::Clock& clock, record::Random& random)
    : clock_(clock), random_(random), producer_(log.NewProducer(partition, [this] {
        {
          const std::lock_guard lock(mutex_);
          arrived_ = true;
        }
        woken_.notify_one();
      })) {
  while (id_ == 0) id_ = random_.Next();
  event::v1::Claim claim;
  claim.set_number(1);
  claim.set_id(id_);
  claim.set_log_id(id_);
  claim.set_partitions(static_cast<uint32_t>(log.partitions()));
  // It has no lease: that tells a copy's claim from an owner's (copy_end.h).
  claim_ = ClaimValue(claim);
}

void CopyWriter::Add(Envelope envelope, std::string_view value) {
  if (!begun_) {
    begun_ = true;
    like_ = envelope;
    AddOwn(kClaimType, claim_, envelope.recorded_time_us());
  }
  recorded_time_us_ = envelope.recorded_time_us();
  Number(&envelope);
  Gather(EncodeBody(envelope, value), envelope.seq());
}

bool CopyWriter::full() const { return bytes_ >= kGroupBytes; }

Result<Done> CopyWriter::Send() {
  size_t left = messages_.size();
  if (left == 0) return Done{};
  producer_->Send(std::exchange(messages_, {}));
  bytes_ = 0;
  const auto give_up = std::chrono::steady_clock::now() + kLongestWait;
  while (left > 0) {
    // Without the lock, which whoever signals takes while holding the producer's own.
    for (const Report& report : producer_->TakeReports()) {
      if (report.outcome == Report::Outcome::kFailed) return Error{report.text};
      --left;
    }
    if (left == 0) break;
    if (std::chrono::steady_clock::now() > give_up) return Error{"the target does not answer"};
    std::unique_lock lock(mutex_);
    woken_.wait_for(lock, std::chrono::milliseconds(100),
                    [this] { return std::exchange(arrived_, false); });
  }
  return Done{};
}

Result<Done> CopyWriter::Release() {
  if (!begun_) AddOwn(kClaimType, claim_, clock_.Wall());
  AddOwn(kReleasedType, ReleasedValue(), recorded_time_us_);
  return Send();
}

void CopyWriter::AddOwn(std::string_view type, const std::string& value, int64_t recorded_time_us) {
  begun_ = true;
  recorded_time_us_ = std::max(recorded_time_us_, recorded_time_us);
  Envelope envelope;
  const auto sub = static_cast<uint16_t>(random_.Next() & 0xfff);
  const auto id = record::MakeUuidV7(recorded_time_us_, sub, random_.Next());
  envelope.set_id(std::string(id.Bytes()));
  envelope.set_source(like_.source());
  envelope.set_dataschema(like_.dataschema());
  envelope.set_type(std::string(type));
  envelope.set_time_us(recorded_time_us_);
  envelope.set_recorded_time_us(recorded_time_us_);
  Number(&envelope);
  Gather(EncodeBody(envelope, value), envelope.seq());
}

void CopyWriter::Number(Envelope* envelope) {
  envelope->set_claim(1);
  envelope->set_claim_id(id_);
  envelope->set_seq(next_seq_++);
}

void CopyWriter::Gather(std::string body, uint64_t seq) {
  bytes_ += body.size();
  messages_.push_back({seq, std::make_shared<const std::string>(std::move(body))});
}

}  // namespace crm::log
