#include "libs/record/text.h"

#include <gtest/gtest.h>

#include "libs/record/image.h"

namespace crm::record {
namespace {

TEST(Text, Utf8) {
  for (std::string_view good :
       {"", "plain text, long enough", "Ștefania", "日本語", "\U0001f600", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(IsUtf8(good)) << good;
  }
  for (std::string_view bad :
       {"\x80", "\xc0\x80", "\xc3", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80", "long enough\xff", "\xf0\x9f\x98"}) {
    EXPECT_FALSE(IsUtf8(bad));
  }
  EXPECT_EQ(CodePoints("Ștefania"), 8u);
}

TEST(Text, ForbiddenCharacters) {
  using enum Lines;
  const auto expect = [](std::string_view text, std::optional<char32_t> of_one,
                         std::optional<char32_t> of_many) {
    // Wherever it stands.
    for (size_t before = 0; before < 20; ++before) {
      for (size_t after : {0, 1, 9}) {
        const std::string whole =
            std::string(before, 'x') + std::string(text) + std::string(after, 'x');
        EXPECT_EQ(FindForbidden(whole, kOne), of_one) << whole;
        EXPECT_EQ(FindForbidden(whole, kMany), of_many) << whole;
      }
    }
  };
  for (std::string_view good : {"", "Ștefania Ionescu", "日本語", "\U0001f600", "a\u200fb",
                                "\u00a0", "“€ 5” – it’s …", "~", "\u2027\u202f\u2065\u206a"})
    expect(good, {}, {});
  for (std::string_view lines : {"\t", "\n", "\r"}) {
    expect(lines, char32_t(lines[0]), {});
    expect(std::string(lines) + "\x1f", char32_t(lines[0]), 0x1f);
  }
  expect({"\0", 1}, 0, 0);
  expect("\x7f", 0x7f, 0x7f);
  for (char32_t control : {0x80, 0x85, 0x9f}) {
    expect({"\xc2" + std::string(1, static_cast<char>(control))}, control, control);
  }
  expect("\u2028", 0x2028, {});
  expect("\u202a", 0x202a, {});
  expect("\u202e", 0x202e, {});
  expect("\u2066", 0x2066, {});
  expect("\u2069", 0x2069, {});
}

void Expect(v1::Format format, std::initializer_list<std::string_view> good,
            std::initializer_list<std::string_view> bad) {
  for (std::string_view text : good) EXPECT_TRUE(HasFormat(format, text)) << text;
  for (std::string_view text : bad) EXPECT_FALSE(HasFormat(format, text)) << text;
}

TEST(Text, Formats) {
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

TEST(Text, Decimals) {
  for (std::string_view good : {"0", "-12.5", "+3", ".5", "12345678901234567890123456789012345678"})
    EXPECT_TRUE(IsDecimal(good)) << good;
  for (std::string_view bad :
       {"", "-", ".", "1.2.3", "1e5", "12a", "123456789012345678901234567890123456789"})
    EXPECT_FALSE(IsDecimal(bad)) << bad;
}

TEST(Text, Days) {
  EXPECT_TRUE(IsDay(2024, 2, 29));
  EXPECT_FALSE(IsDay(2023, 2, 29));
  EXPECT_FALSE(IsDay(1900, 2, 29));
  EXPECT_FALSE(IsDay(2024, 13, 1));
  EXPECT_FALSE(IsDay(0, 1, 1));
  EXPECT_EQ(DaysFromCivil(1970, 1, 1), 0);
  EXPECT_EQ(DaysFromCivil(2000, 3, 1), 11'017);
  EXPECT_EQ(DaysFromCivil(1, 1, 1), -719'162);
}

TEST(Text, Times) {
  EXPECT_EQ(ParseTime("2023-11-14T22:13:20.123456Z"), 1'700'000'000'123'456);
  EXPECT_EQ(ParseTime("2023-11-15T00:13:20+02:00"), 1'700'000'000'000'000);
  EXPECT_EQ(ParseTime("2023-11-14T20:13:20.5-02:00"), 1'700'000'000'500'000);
  EXPECT_EQ(ParseTime("2023-11-14T22:13:20.123456789Z"), 1'700'000'000'123'456);
  for (std::string_view bad :
       {"", "2023-11-14", "2023-11-14T22:13:20", "2023-02-30T00:00:00Z", "2023-11-14T24:00:00Z",
        "2023-11-14T22:13:20.Z", "2023-11-14T22:13:20Zx", "2023-11-14T22:13:20+2:00"}) {
    EXPECT_FALSE(ParseTime(bad)) << bad;
  }
  EXPECT_EQ(ParseTime(TimeText(-1)), -1);
}

}  // namespace
}  // namespace crm::record
