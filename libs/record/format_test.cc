#include "libs/record/format.h"

#include <gtest/gtest.h>

namespace crm::record {
namespace {

void Expect(v1::Format format, std::initializer_list<std::string_view> good,
            std::initializer_list<std::string_view> bad) {
  for (std::string_view text : good) EXPECT_TRUE(HasFormat(format, text)) << text;
  for (std::string_view text : bad) EXPECT_FALSE(HasFormat(format, text)) << text;
}

TEST(Format, OfEachKind) {
  Expect(v1::EMAIL,
         {"a@b.co", "ștefania.ionescu+crm@contoso-nord.example", "o'neil@x.y.z", "用户@例子.广告"},
         {"", "a", "@b.co", "a@", "a@b", "a@@b.co", "a b@c.de", "a@b..co", "a@.co", "a@b.",
          "a@b.co\n"});
  Expect(v1::PHONE,
         {"(208) 770-1073", "+40 21 555 12 34", "555-0100 x123", "+1.202.555.0100 ext. 5", "112",
          "0721/555.123", "555-0100 Ext 12", "*21#"},
         {"", "call me", "+", "1", "555-0100 x", "555-0100 y5", "555\n0100", "x123"});
  Expect(v1::URL, {"http://a.b", "https://www.contoso.example/x?y=z#1", "HTTPS://A"},
         {"", "www.contoso.example", "ftp://a.b", "http://", "https:///x", "http://a b",
          "javascript:alert(1)"});
  Expect(v1::CURRENCY, {"EUR", "USD", "RON", "JPY"}, {"", "eur", "EU", "EURO", "QQQ"});
  Expect(v1::LANGUAGE, {"ro", "en-GB", "zh-Hant-TW", "de-1996"},
         {"", "e", "en_GB", "en-", "-en", "12"});
  Expect(v1::TIME_ZONE, {"Europe/Bucharest", "UTC", "America/Argentina/Buenos_Aires"},
         {"", "Europe/Atlantis", "+02:00"});
}

TEST(Format, Decimals) {
  for (std::string_view good : {"0", "-12.5", "+3", ".5", "12345678901234567890123456789012345678"})
    EXPECT_TRUE(IsDecimal(good)) << good;
  for (std::string_view bad :
       {"", "-", ".", "1.2.3", "1e5", "12a", "123456789012345678901234567890123456789"})
    EXPECT_FALSE(IsDecimal(bad)) << bad;
}

}  // namespace
}  // namespace crm::record
