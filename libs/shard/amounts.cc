#include <cctype>
#include <cstdlib>
#include <optional>

#include "libs/record/check.h"
#include "libs/record/image.h"
#include "libs/record/wire.h"
#include "libs/shard/rates.h"
#include "libs/shard/standard.h"

// Amounts in base currency, from the records of the collection currencies in the same service.
namespace crm::shard {
namespace {

using record::Wide;

constexpr int64_t kParts = 10'000;  // of a unit; nanos are a multiple of 100,000
constexpr int64_t kLargestUnits = 922'337'203'685'477;  // Dynamics' limit
constexpr int kRateDigits = 12;
constexpr int64_t kRateOne = 1'000'000'000'000;

// A google.type.Money; what is read of an image points into it.
struct Money {
  std::string_view currency;
  int64_t units = 0;
  int32_t nanos = 0;
};

Money ReadMoney(std::string_view bytes) {
  Money money;
  record::WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.number() == 1) money.currency = reader.payload();
    if (reader.number() == 2) money.units = static_cast<int64_t>(reader.varint());
    if (reader.number() == 3) money.nanos = static_cast<int32_t>(reader.varint());
  }
  return money;
}

std::string BytesOf(const Money& money) {
  std::string bytes;
  if (!money.currency.empty()) record::AppendBytesField(1, money.currency, &bytes);
  if (money.units != 0) record::AppendVarintField(2, static_cast<uint64_t>(money.units), &bytes);
  const auto nanos = static_cast<uint64_t>(static_cast<int64_t>(money.nanos));
  if (nanos != 0) record::AppendVarintField(3, nanos, &bytes);
  return bytes;
}

Wide PartsOf(const Money& money) {
  return static_cast<Wide>(money.units) * kParts + money.nanos / 100'000;
}

// Half away from zero.
Wide DivideRounded(Wide dividend, Wide divisor) {
  const Wide half = divisor / 2;
  return dividend < 0 ? -((-dividend + half) / divisor) : (dividend + half) / divisor;
}

Money InBase(const Money& amount, const Rate& rate, const OwnCurrency& base) {
  Wide step = kParts;
  for (int i = 0; i < base.precision; ++i) step /= 10;
  const Wide parts = DivideRounded(PartsOf(amount) * kRateOne, rate.scaled * step) * step;
  return {base.code, static_cast<int64_t>(parts / kParts),
          static_cast<int32_t>(parts % kParts) * 100'000};
}

// The amounts that a record has, and what is wrong with them.
class Amounts {
 public:
  Amounts(const record::RecordType& type, std::string_view before, std::string_view image,
          const std::string& prefix)
      : prefix_(prefix),
        before_(record::Spans::Read(before)),
        image_(record::Spans::Read(image)),
        currency_field_(type.currency) {
    if (currency_field_ != nullptr) currency_ = image_->Text(currency_field_->number);
    given_ = currency_;
    for (const record::Amount& amount : type.amounts) Read(*amount.field);
    if (currency_field_ != nullptr && Differs(*currency_field_)) changed_ = true;
  }
  const std::string& currency() const { return currency_; }
  bool currency_was_given() const { return !given_.empty(); }
  bool any() const { return any_; }
  bool changed() const { return changed_; }
  const std::vector<record::Violation>& violations() const { return violations_; }
  const record::Field* currency_field() const { return currency_field_; }
  const record::Spans& image() const { return *image_; }
  // Where a problem with the currency is shown.
  std::string CurrencyPath() const {
    return prefix_ + (given_.empty() || currency_field_ == nullptr ? at_fault_ : "currency");
  }

 private:
  bool Differs(const record::Field& field) const {
    return !record::SameField(before_->Find(field.number), image_->Find(field.number));
  }
  void Read(const record::Field& field) {
    if (Differs(field)) changed_ = true;
    const record::Span* span = image_->Find(field.number);
    if (span == nullptr) return;
    const Money money = ReadMoney(span->payload);
    any_ = true;
    if (money.units > kLargestUnits || money.units < -kLargestUnits) {
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
  std::optional<record::Spans> before_;
  std::optional<record::Spans> image_;
  const record::Field* currency_field_;
  std::string currency_;
  std::string given_;
  std::string at_fault_;
  bool any_ = false;
  bool changed_ = false;
  std::vector<record::Violation> violations_;
};

void SetTwins(const record::RecordType& type, const record::Spans& spans,
              const std::optional<Rate>& rate, const OwnCurrency& base, record::ImageEdit* edit) {
  for (const record::Amount& given : type.amounts) {
    if (given.base == nullptr) continue;
    const record::Span* amount = rate ? spans.Find(given.field->number) : nullptr;
    if (amount == nullptr) {
      edit->Clear(given.base->number);
      continue;
    }
    const Money money = ReadMoney(amount->payload);
    edit->SetMessage(given.base->number, BytesOf(InBase(money, *rate, base)));
  }
  if (rate) {
    edit->SetText(record::kExchangeRate, rate->text);
  } else {
    edit->Clear(record::kExchangeRate);
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

record::Status SetBaseAmounts(const record::RecordType& type, std::string_view before,
                              const std::string& prefix, const Transaction& tx,
                              std::string* image) {
  if (type.message->Find(record::kExchangeRate) == nullptr ||
      tx.catalogue().FindType(kCurrencies) == nullptr)
    return {};
  Amounts amounts(type, before, *image, prefix);
  if (!amounts.violations().empty()) return record::InvalidArgument(amounts.violations());
  if (!amounts.changed()) return {};

  record::ImageEdit edit(*image);
  if (amounts.currency_field() != nullptr && !amounts.currency_was_given())
    edit.SetText(amounts.currency_field()->number, amounts.currency());
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
  SetTwins(type, amounts.image(), rate, base.value_or(OwnCurrency{}), &edit);
  *image = edit.Build();
  return {};
}

}  // namespace crm::shard
