#include "libs/shard/rates.h"

#include "libs/record/check.h"
#include "libs/record/key.h"
#include "libs/record/spans.h"
#include "libs/shard/standard.h"
#include "libs/shard/transaction.h"

namespace crm::shard {
namespace {

std::optional<std::string> FindOne(const record::RecordType& currencies, std::string_view field,
                                   std::string_view value, const Transaction& tx) {
  const record::Index* index = currencies.FindIndex(field);
  CRM_CHECK(index != nullptr);
  auto key = record::EncodeValue(*currencies.Find(field), value);
  if (!key) return std::nullopt;
  for (const record::Uuid& id : tx.FindByIndex(currencies, *index, *key)) {
    if (auto image = tx.Find(currencies, id); image && !image->empty()) return image;
  }
  return std::nullopt;
}

const record::RecordType& CurrenciesOf(const Transaction& tx) {
  const record::RecordType* currencies = tx.catalogue().FindType(kCurrencies);
  CRM_CHECK(currencies != nullptr);
  return *currencies;
}

std::optional<OwnCurrency> FindOwn(const Transaction& tx) {
  const record::RecordType& currencies = CurrenciesOf(tx);
  auto image = FindOne(currencies, "base", "true", tx);
  if (!image) return std::nullopt;
  auto spans = record::Spans::Read(*image);
  return OwnCurrency{std::string(spans->Text(currencies.Find("code")->number)),
                     static_cast<int>(spans->Integer(currencies.Find("precision")->number))};
}

std::optional<Rate> FindRate(std::string_view code, const Transaction& tx) {
  const record::RecordType& currencies = CurrenciesOf(tx);
  auto image = FindOne(currencies, "code", code, tx);
  if (!image) return std::nullopt;
  Rate rate;
  rate.text = record::TextIn(*image, currencies.Find("rate")->number);
  auto scaled = ScaledRate(rate.text);
  if (!scaled) return std::nullopt;
  rate.scaled = *scaled;
  return rate;
}

}  // namespace

std::optional<OwnCurrency> OwnCurrencyOf(const Transaction& tx) {
  Rates* known = tx.rates();
  return known == nullptr ? FindOwn(tx) : known->Own(tx);
}

std::optional<Rate> RateOf(std::string_view code, const Transaction& tx) {
  Rates* known = tx.rates();
  return known == nullptr ? FindRate(code, tx) : known->Of(code, tx);
}

const std::optional<OwnCurrency>& Rates::Own(const Transaction& tx) {
  TurnTo(tx.principal().tenant);
  if (!own_) own_ = FindOwn(tx);
  return *own_;
}

const std::optional<Rate>& Rates::Of(std::string_view code, const Transaction& tx) {
  // Codes come from requests: what is remembered of wrong ones must not grow.
  constexpr size_t kMost = 1'000;
  TurnTo(tx.principal().tenant);
  auto known = by_code_.find(code);
  if (known != by_code_.end()) return known->second;
  if (by_code_.size() >= kMost) by_code_.clear();
  return by_code_.emplace(code, FindRate(code, tx)).first->second;
}

void Rates::Forget() {
  own_.reset();
  by_code_.clear();
}

void Rates::TurnTo(const std::string& tenant) {
  if (tenant == tenant_) return;
  Forget();
  tenant_ = tenant;
}

}  // namespace crm::shard
