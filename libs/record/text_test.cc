#include "libs/record/text.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace crm::record
