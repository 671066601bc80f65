#include "tools/crmctl/vcard.h"

#include <gtest/gtest.h>

namespace crm::ctl {
namespace {

using nlohmann::json;

Card One(const std::string& properties) {
  const auto cards = ReadCards("BEGIN:VCARD\r\n" + properties + "END:VCARD\r\n");
  EXPECT_EQ(cards.size(), 1u);
  return cards.empty() ? Card() : cards[0];
}

TEST(Vcard, ReadsTheSameFromEachVersion) {
  const Card two =
      One("VERSION:2.1\r\nN;CHARSET=ISO-8859-2;ENCODING=QUOTED-PRINTABLE:P=E2rvu;Ana=\r\n"
          " Maria;;Ms.\r\nTEL;CELL:0722 111 "
          "222\r\nEMAIL;INTERNET:ana@example.com\r\nBDAY:19800322\r\n");
  const Card three =
      One("VERSION:3.0\r\nitem1.N:Pârvu;Ana Maria;;Ms.\r\nTEL;TYPE=cell,pref:0722 111\r\n  222\r\n"
          "EMAIL;TYPE=INTERNET:ana@example.com\r\nBDAY:1980-03-22\r\n");
  const Card four = One(
      "VERSION:4.0\r\nN:Pârvu;Ana Maria;;Ms.\r\nTEL;VALUE=uri;TYPE=\"cell\":tel:0722 111 222\r\n"
      "EMAIL:ana@example.com\r\nBDAY:19800322T000000Z\r\n");
  const json expected = {
      {"last_name", "Pârvu"},       {"first_name", "Ana Maria"},
      {"salutation", "Ms."},        {"mobile", "0722 111 222"},
      {"email", "ana@example.com"}, {"birth_date", {{"year", 1980}, {"month", 3}, {"day", 22}}}};
  EXPECT_EQ(two.contact, expected);
  EXPECT_EQ(three.contact, expected);
  EXPECT_EQ(four.contact, expected);
}

TEST(Vcard, SharesOutTelephonesAndKeepsWhatIsLeft) {
  const Card card =
      One("FN:Dan Ionescu\r\nORG:Velo\\, Ltd;Sales\r\nTEL;WORK:1111\r\nTEL;HOME:2222\r\n"
          "TEL;WORK;FAX:3333\r\nTEL:4444\r\nTEL:5555\r\nEMAIL:none\r\nCATEGORIES:a,b\r\n"
          "NOTE:two\\nlines\r\nPHOTO;ENCODING=b:AAAA\r\n");
  EXPECT_EQ(card.company, "Velo, Ltd");
  EXPECT_EQ(card.contact,
            json({{"first_name", "Dan"},
                  {"last_name", "Ionescu"},
                  {"department", "Sales"},
                  {"telephone1", "1111"},
                  {"telephone2", "2222"},
                  {"telephone3", "4444"},
                  {"fax", "3333"},
                  {"description", "CATEGORIES: a,b\ntwo\nlines\nEMAIL: none\nTEL: 5555"}}));
}

TEST(Vcard, TellsCardsApart) {
  const auto cards = ReadCards(
      "BEGIN:VCARD\nUID:urn:1\nN:One\nEND:VCARD\nnoise\nBEGIN:VCARD\nN:;\nEND:VCARD\n"
      "BEGIN:VCARD\nN:Two\nAGENT:\nBEGIN:VCARD\nN:Inner\nEND:VCARD\nEND:VCARD\n");
  ASSERT_EQ(cards.size(), 3u);
  EXPECT_EQ(cards[0].uid, "urn:1");
  EXPECT_EQ(cards[1].refusal, "it names nobody");
  EXPECT_EQ(cards[2].contact["last_name"], "Two");
  EXPECT_EQ(cards[2].uid.size(), 64u);
  EXPECT_TRUE(ReadCards("no card").empty());
}

}  // namespace
}  // namespace crm::ctl
