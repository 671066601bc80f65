#include <gtest/gtest.h>

#include <memory>

#include "crm/sales/v1/currency.pb.h"
#include "crm/sales/v1/lead.pb.h"
#include "libs/record/image.h"
#include "libs/shard/draft.h"
#include "libs/shard/standard.h"
#include "services/sales/deciding_fixture.h"

// Amounts follow the rate that holds when they are written, however shortly before it was set:
// within one command, and between commands of which none is confirmed yet.
namespace crm::sales {
namespace {

using example::TheCatalogue;
using v1::Currency;
using v1::Lead;

class CurrencyTest : public example::DecidingFixture {
 protected:
  // The command has been decided; its commit is under way.
  void Decide(const shard::Transaction& tx) {
    overlay_.Add(++ticket_, tx.staged(), command_, kTime);
  }

  static Currency CurrencyOf(int number, const std::string& code, const std::string& rate) {
    Currency currency;
    currency.set_name("currencies/01920000-0000-7000-8000-00000000000" + std::to_string(number));
    currency.set_code(code);
    currency.set_precision(2);
    currency.set_rate(rate);
    return currency;
  }
  void GivenRates(const std::string& ron) {
    auto tx = Begin();
    EXPECT_FALSE(tx->Put(CurrencyOf(1, "EUR", "1"), shard::Event::kCreated));
    EXPECT_FALSE(tx->Put(CurrencyOf(2, "RON", ron), shard::Event::kCreated));
    Decide(*tx);
  }
  static void SetRate(const std::string& ron, shard::Transaction& tx) {
    auto currency = tx.Get<Currency>(CurrencyOf(2, "", "").name());
    ASSERT_TRUE(currency);
    currency->set_rate(ron);
    EXPECT_FALSE(tx.Put(*currency, shard::Event::kUpdated));
  }
  // 900 RON in the organization's currency; -1: refused.
  static int64_t Worth(const shard::Transaction& tx) {
    Lead lead;
    lead.set_currency("RON");
    lead.mutable_revenue()->set_currency_code("RON");
    lead.mutable_revenue()->set_units(900);
    const auto* type = TheCatalogue().FindType("leads");
    const std::string image = *record::Normalise(*type->message, lead.SerializeAsString());
    shard::Draft draft("", image, tx.time());
    if (shard::SetBaseAmounts(*type, "", tx, &draft).code() != record::kOk) return -1;
    lead.ParseFromString(draft.Build());
    return lead.has_revenue_base() ? lead.revenue_base().units() : 0;
  }
};

TEST_F(CurrencyTest, WithoutABaseThereAreNoTwins) { EXPECT_EQ(Worth(*Begin()), 0); }

TEST_F(CurrencyTest, TheFirstOneIsFoundByTheNextCommand) {
  EXPECT_EQ(Worth(*Begin()), 0);
  GivenRates("4.5");
  EXPECT_EQ(Worth(*Begin()), 200);
}

TEST_F(CurrencyTest, ARateHoldsForTheCommandThatSetsIt) {
  GivenRates("4.5");
  auto tx = Begin();
  EXPECT_EQ(Worth(*tx), 200);
  SetRate("5", *tx);
  EXPECT_EQ(Worth(*tx), 180);
  EXPECT_EQ(Worth(*Begin()), 200) << "the command was not decided";
}

TEST_F(CurrencyTest, ARateHoldsForTheCommandsBehindIt) {
  GivenRates("4.5");
  EXPECT_EQ(Worth(*Begin()), 200);
  auto tx = Begin();
  SetRate("5", *tx);
  Decide(*tx);
  EXPECT_EQ(Worth(*Begin()), 180);
}

TEST_F(CurrencyTest, RatesOfOneTenantAreNotThoseOfAnother) {
  GivenRates("4.5");
  EXPECT_EQ(Worth(*Begin()), 200);
  command_.principal.tenant = "other";
  EXPECT_EQ(Worth(*Begin()), 0);
  GivenRates("9");
  EXPECT_EQ(Worth(*Begin()), 100);
  command_.principal.tenant = "test";
  EXPECT_EQ(Worth(*Begin()), 200);
}

}  // namespace
}  // namespace crm::sales
