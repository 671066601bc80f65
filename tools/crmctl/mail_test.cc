#include "tools/crmctl/mail.h"

#include <gtest/gtest.h>

namespace crm::ctl {
namespace {

using nlohmann::json;

TEST(Mail, ReadsHeadersAndText) {
  const Mail mail = ReadMail(
      "From: =?utf-8?Q?Ana_P=C3=A2rvu?= <ana@example.com>\r\n"
      "To: Sales: Dan <dan@example.com>, eva@example.com;\r\n"
      "Cc: Root <root>\r\n"
      "Subject: =?iso-8859-2?Q?Ofert=E3?=\r\n"
      "Date: Tue, 03 Mar 2026 14:00:00 +0200\r\n"
      "Message-ID: <2@example.com>\r\n"
      "In-Reply-To: <1@example.com>\r\n"
      "References: <0@example.com> <1@example.com>\r\n"
      "Content-Type: text/plain; charset=utf-8\r\n"
      "Content-Transfer-Encoding: quoted-printable\r\n"
      "\r\n"
      "Mul=C8=9Bumim!\r\n");
  EXPECT_EQ(mail.refusal, "");
  EXPECT_EQ(mail.email["subject"], "Ofertă");
  EXPECT_EQ(mail.email["message_id"], "2@example.com");
  EXPECT_EQ(mail.email["in_reply_to"], "1@example.com");
  EXPECT_EQ(mail.email["references"], json({"0@example.com", "1@example.com"}));
  EXPECT_EQ(mail.email["sent_time"], "2026-03-03T12:00:00Z");
  EXPECT_EQ(mail.email["description"], "Mulțumim!\n");
  const json& parties = mail.email["parties"];
  ASSERT_EQ(parties.size(), 4u) << parties;
  EXPECT_EQ(parties[0], json({{"participation", "PARTICIPATION_SENDER"},
                              {"address", "ana@example.com"},
                              {"display_name", "Ana Pârvu"}}));
  EXPECT_EQ(parties[2]["address"], "eva@example.com");
  EXPECT_EQ(parties[3]["participation"], "PARTICIPATION_CC");
  EXPECT_FALSE(parties[3].contains("address"));
}

// 0x86 is a control character in ISO 8859-1; U+202E shows what follows backwards.
TEST(Mail, LeavesOutCharactersThatNoTextMayHave) {
  const Mail mail = ReadMail(
      "From: ana@example.com\r\n"
      "Subject: =?utf-8?Q?Of=E2=80=AEer=C2=86=E2=80=AEt=09?= end\r\n"
      "Content-Type: text/plain; charset=iso-8859-1\r\n"
      "\r\n"
      "one \x86two\x86\r\n\tthree\r\n");
  EXPECT_EQ(mail.email["subject"], "Ofert  end");
  EXPECT_EQ(mail.email["description"], "one two\n\tthree\n");
}

TEST(Mail, KeepsFilesApartFromTheText) {
  const Mail mail = ReadMail(
      "From: ana@example.com\r\n"
      "Content-Type: multipart/mixed; boundary=b\r\n"
      "\r\n"
      "--b\r\nContent-Type: text/html\r\n\r\n<p>Hello</p>\r\n"
      "--b\r\nContent-Type: text/plain; name=list.txt\r\n"
      "Content-Disposition: attachment; filename=list.txt\r\n"
      "Content-Transfer-Encoding: base64\r\n\r\nMSwgMg==\r\n"
      "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: Inner\r\n\r\ntext\r\n"
      "--b--\r\n");
  EXPECT_EQ(mail.email["html_body"], "<p>Hello</p>");
  EXPECT_FALSE(mail.email.contains("description"));
  EXPECT_EQ(mail.email["subject"], "(no subject)");
  ASSERT_EQ(mail.files.size(), 2u);
  EXPECT_EQ(mail.files[0].file_name, "list.txt");
  EXPECT_EQ(mail.files[0].content, "1, 2");
  EXPECT_EQ(mail.files[1].file_name, "message.eml");
  EXPECT_NE(mail.files[1].content.find("Inner"), std::string::npos);
}

TEST(Mail, NamesWhatHasNoMessageIdByItsContent) {
  const std::string one = "From: ana@example.com\r\n\r\none\r\n";
  EXPECT_EQ(ReadMail(one).email["message_id"], ReadMail(one).email["message_id"]);
  EXPECT_NE(ReadMail(one).email["message_id"],
            ReadMail("From: ana@example.com\r\n\r\ntwo\r\n").email["message_id"]);
}

TEST(Mail, RefusesWhatIsNone) {
  EXPECT_NE(ReadMail("").refusal, "");
  EXPECT_NE(ReadMail(std::string("\0\1\2", 3)).refusal, "");
  EXPECT_NE(ReadMail("Subject: from nobody to nobody\r\n\r\ntext").refusal, "");
}

}  // namespace
}  // namespace crm::ctl
