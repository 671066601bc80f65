#include "services/identity/licence.h"

#include <algorithm>

#include "crm/identity/v1/licence.pb.h"
#include "services/identity/records.h"

namespace crm::identity {
namespace {

using v1::Licence;

std::optional<shard::Refusal> CheckSeats(int64_t seats, const std::string& module,
                                         const shard::Transaction& tx) {
  if (!IsFounded(tx)) return std::nullopt;
  const int64_t taken = SeatsTaken(module, tx);
  if (seats >= taken) return std::nullopt;
  return shard::Refusal(v1::SEATS_TAKEN)
      .With("module", module)
      .With("taken", std::to_string(taken));
}

}  // namespace

bool HasSeat(const v1::User& user, std::string_view module) {
  return std::find(user.modules().begin(), user.modules().end(), module) != user.modules().end();
}

int64_t SeatsTaken(std::string_view module, const shard::Transaction& tx) {
  const auto enabled = tx.FindBy<v1::User>("state", {"STATE_ENABLED"});
  return std::count_if(enabled.begin(), enabled.end(),
                       [&](const v1::User& user) { return HasSeat(user, module); });
}

std::optional<shard::Refusal> DeriveLicence(shard::Draft& draft, const shard::Transaction& tx) {
  const Licence licence = AsWritten<Licence>(draft);
  return CheckSeats(licence.seats(), licence.module(), tx);
}

std::optional<shard::Refusal> KeepLicence(std::string_view image, const shard::Transaction& tx) {
  Licence licence;
  licence.ParseFromArray(image.data(), static_cast<int>(image.size()));
  return CheckSeats(0, licence.module(), tx);
}

}  // namespace crm::identity
