#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "libs/record/money.h"

// What the currencies of an organization are worth: records of the collection currencies in the
// same service.
namespace crm::shard {

class Transaction;

inline constexpr std::string_view kCurrencies = "currencies";

struct Rate {
  std::string text;
  record::Wide scaled = 0;  // x 10^12
};

// The currency that the organization counts in.
struct OwnCurrency {
  std::string code;
  int precision = 2;
};

// nullopt: the organization has none.
std::optional<OwnCurrency> OwnCurrencyOf(const Transaction& tx);
// nullopt: the organization has no such currency.
std::optional<Rate> RateOf(std::string_view code, const Transaction& tx);

// What has been looked up for one tenant. It holds until something is applied or a command changes
// a currency.
class Rates {
 public:
  const std::optional<OwnCurrency>& Own(const Transaction& tx);
  const std::optional<Rate>& Of(std::string_view code, const Transaction& tx);
  void Forget();

 private:
  void TurnTo(const std::string& tenant);

  std::string tenant_;
  std::optional<std::optional<OwnCurrency>> own_;
  std::map<std::string, std::optional<Rate>, std::less<>> by_code_;
};

}  // namespace crm::shard
