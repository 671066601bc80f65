#include "tools/crmctl/table.h"

#include <gtest/gtest.h>

#include <sstream>

namespace crm::ctl {
namespace {

TEST(Table, CountsWideAndCombiningCharacters) {
  EXPECT_EQ(DisplayWidth("Brașov"), 6);
  EXPECT_EQ(DisplayWidth("日本"), 4);
  EXPECT_EQ(DisplayWidth("e\xCC\x81"), 1);
  EXPECT_EQ(DisplayWidth("\xFF"), 1);
}

TEST(Table, ShortensToWidth) {
  EXPECT_EQ(Shortened("Brașov", 6), "Brașov");
  EXPECT_EQ(Shortened("Brașov", 5), "Braș…");
  EXPECT_EQ(Shortened("日本語", 4), "日…");
}

TEST(Table, LetsNothingMoveTheCursor) { EXPECT_EQ(OneLine("a\r\n\x1b[2Jb\tc"), "a [2Jb c"); }

TEST(Table, AlignsColumns) {
  std::ostringstream out;
  PrintTable({{"NAME", "CITY", "N"}, {{"leads/1", "日本", "1"}, {"leads/22", "Iași", "2"}}}, 0,
             out);
  EXPECT_EQ(out.str(),
            "NAME      CITY  N\n"
            "leads/1   日本  1\n"
            "leads/22  Iași  2\n");
}

TEST(Table, ShortensTheWidestButNeverTheFirst) {
  std::ostringstream out;
  PrintTable(
      {{"NAME", "A", "B"}, {{"leads/0123456789", std::string(30, 'a'), std::string(10, 'b')}}}, 40,
      out);
  EXPECT_EQ(out.str(),
            "NAME              A           B\n"
            "leads/0123456789  aaaaaaaaa…  bbbbbbbbbb\n");
}

}  // namespace
}  // namespace crm::ctl
