#include "services/sales/currency.h"

namespace crm::sales {

using v1::Currency;

// The first currency of an organization is its base currency, for ever.
std::optional<shard::Refusal> DeriveCurrency(shard::Draft& draft, const shard::Transaction& tx) {
  if (draft.is_new() && tx.FindBy<Currency>("base", {"true"}).empty())
    draft.SetInteger(Currency::kBaseFieldNumber, 1);
  return std::nullopt;
}

}  // namespace crm::sales
