#include <cctype>
#include <cstdlib>
#include <optional>

#include "libs/record/check.h"
#include "libs/record/money.h"
#include "libs/shard/draft.h"
#include "libs/shard/rates.h"
#include "libs/shard/standard.h"

// Amounts in base currency, from the records of the collection currencies in the same service.
namespace crm::shard {
namespace {

using record::Money;
using record::Wide;

constexpr int64_t kLargestUnits = 922'337'203'685'477;  // Dynamics' limit
constexpr int kRateDigits = 12;
constexpr int64_t kRateOne = 1'000'000'000'000;

Money InBase(const Money& amount, const Rate& rate, const OwnCurrency& base) {
  Wide step = Money::kParts;
  for (int i = 0; i < base.precision; ++i) step /= 10;
  return {base.code, record::DivideRounded(amount.parts * kRateOne, rate.scaled * step) * step};
}

// The amounts that a record has, and what is wrong with them.
class Amounts {
 public:
  Amounts(const record::RecordType& type, const std::string& prefix, const Draft& draft)
      : prefix_(prefix), draft_(draft), currency_field_(type.currency) {
    const auto currency = currency_field_ ? draft.Find(currency_field_->number) : std::nullopt;
    if (currency) currency_ = currency->payload;
    given_ = currency_;
    for (const record::Amount& amount : type.amounts) Read(*amount.field);
    if (currency_field_ != nullptr && Differs(*currency_field_, currency)) changed_ = true;
  }
  const std::string& currency() const { return currency_; }
  bool currency_was_given() const { return !given_.empty(); }
  bool any() const { return any_; }
  bool changed() const { return changed_; }
  const std::vector<record::Violation>& violations() const { return violations_; }
  const record::Field* currency_field() const { return currency_field_; }
  // Where a problem with the currency is shown.
  std::string CurrencyPath() const {
    return prefix_ + (given_.empty() || currency_field_ == nullptr ? at_fault_ : "currency");
  }

 private:
  bool Differs(const record::Field& field, const std::optional<record::Span>& is) const {
    return !record::SameField(draft_.before().Find(field.number), is ? &*is : nullptr);
  }
  void Read(const record::Field& field) {
    const auto span = draft_.Find(field.number);
    if (Differs(field, span)) changed_ = true;
    if (!span) return;
    const Money money = Money::Read(span->payload);
    any_ = true;
    if (money.units() > kLargestUnits || money.units() < -kLargestUnits) {
      violations_.push_back({prefix_ + field.name, "OUT_OF_RANGE",
                             "An amount is at most " + std::to_string(kLargestUnits) + "."});
    }
    if (currency_.empty()) {
      currency_ = money.currency;
      at_fault_ = field.name;
    } else if (currency_ != money.currency) {
      violations_.push_back({prefix_ + field.name, "CURRENCY_MISMATCH",
                             "The amounts of one record are of one currency, here " + currency_ +
                                 ", not " + std::string(money.currency) + "."});
    }
  }

  const std::string& prefix_;
  const Draft& draft_;
  const record::Field* currency_field_;
  std::string currency_;
  std::string given_;
  std::string at_fault_;
  bool any_ = false;
  bool changed_ = false;
  std::vector<record::Violation> violations_;
};

void SetTwins(const record::RecordType& type, const std::optional<Rate>& rate,
              const OwnCurrency& base, Draft* draft) {
  for (const record::Amount& given : type.amounts) {
    if (given.base == nullptr) continue;
    const auto amount = rate ? draft->Find(given.field->number) : std::nullopt;
    if (!amount) {
      draft->Clear(given.base->number);
      continue;
    }
    const Money money = Money::Read(amount->payload);
    draft->SetMessage(given.base->number, InBase(money, *rate, base).Bytes());
  }
  if (rate) {
    draft->SetText(record::kExchangeRate, rate->text);
  } else {
    draft->Clear(record::kExchangeRate);
  }
}

}  // namespace

std::optional<record::Wide> ScaledRate(std::string_view text) {
  Wide value = 0;
  int whole = 0, fraction = -1;
  for (char letter : text) {
    if (letter == '.' && fraction < 0 && whole > 0) {
      fraction = 0;
    } else if (letter >= '0' && letter <= '9') {
      value = value * 10 + (letter - '0');
      (fraction < 0 ? whole : fraction) += 1;
    } else {
      return std::nullopt;
    }
  }
  if (whole == 0 || whole > kRateDigits || fraction == 0 || fraction > kRateDigits || value == 0)
    return std::nullopt;
  for (int i = fraction < 0 ? 0 : fraction; i < kRateDigits; ++i) value *= 10;
  return value;
}

record::Status SetBaseAmounts(const record::RecordType& type, const std::string& prefix,
                              const Transaction& tx, Draft* draft) {
  if (type.message->Find(record::kExchangeRate) == nullptr ||
      tx.catalogue().FindType(kCurrencies) == nullptr)
    return {};
  const Amounts amounts(type, prefix, *draft);
  if (!amounts.violations().empty()) return record::InvalidArgument(amounts.violations());
  if (!amounts.changed()) return {};

  if (amounts.currency_field() != nullptr && !amounts.currency_was_given())
    draft->SetText(amounts.currency_field()->number, amounts.currency());
  std::optional<OwnCurrency> base = amounts.any() ? OwnCurrencyOf(tx) : std::nullopt;
  std::optional<Rate> rate;
  if (base) {
    rate = amounts.currency() == base->code ? Rate{"1", kRateOne} : RateOf(amounts.currency(), tx);
  }
  if (base && !rate) {
    return record::InvalidArgument({{amounts.CurrencyPath(), "CURRENCY_UNKNOWN",
                                     "The organization has no currency " + amounts.currency() +
                                         ": create it with its rate first."}});
  }
  SetTwins(type, rate, base.value_or(OwnCurrency{}), draft);
  return {};
}

}  // namespace crm::shard
