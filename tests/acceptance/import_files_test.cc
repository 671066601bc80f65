#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/server/process.h"
#include "tests/server/sales_records.h"

// E-mails and contacts from files, by crmctl import-mail and import-cards.
namespace crm::test {
namespace {

constexpr char kUser[] = "ana@example.com";

Finished Import(const std::string& command, const std::string& tenant, const std::string& path) {
  return Run({CRMCTL_PROGRAM, "--server", Server::Shared().target(), "--tenant", tenant, "--user",
              kUser, command, path},
             {});
}

Finished ImportMail(const std::string& tenant, const std::string& path) {
  return Import("import-mail", tenant, path);
}

std::string Written(const std::string& name, const std::string& text) {
  const auto path = std::filesystem::temp_directory_path() / (std::to_string(getpid()) + name);
  std::ofstream(path) << text;
  return path.string();
}

// Who takes part is found by the address, and what it is about by what it answers.
TEST(ImportMail, FindsPartiesAndWhatItIsAbout) {
  const Client client(Server::Shared(), "import-mail", kUser);
  Contact contact;
  contact.set_last_name("Pârvu");
  contact.set_email("maria@example.com");
  contact = Made(client, contact);
  const std::string first =
      Written("first.eml",
              "From: Maria <Maria@example.com>\nTo: sales@example.net\n"
              "Subject: Bicycles\nMessage-ID: <1@example.com>\n\nHow much?\n");
  const std::string second = Written("second.eml",
                                     "From: Somebody <else@example.com>\nTo: sales@example.net\n"
                                     "Subject: Re: Bicycles\nMessage-ID: <2@example.com>\n"
                                     "References: <0@example.com> <1@example.com>\n\nWell?\n");
  for (const std::string& path : {first, second}) {
    const Finished taken = ImportMail("import-mail", path);
    EXPECT_EQ(taken.code, 0) << taken.output;
    EXPECT_NE(taken.output.find("taken in 1"), std::string::npos) << taken.output;
  }
  EXPECT_NE(ImportMail("import-mail", second).output.find("known before 1"), std::string::npos);
  record::v1::ListRequest about;
  about.set_filter("regarding = \"" + contact.name() + '"');
  const auto emails = List<Email>(client, about);
  ASSERT_EQ(emails.body.emails_size(), 2) << emails;
  for (const Email& email : emails.body.emails()) {
    EXPECT_EQ(email.conversation(), "1@example.com");
    EXPECT_EQ(email.status(), Email::STATUS_RECEIVED);
  }
  std::filesystem::remove(first);
  std::filesystem::remove(second);
}

// A file that came with a message becomes a note on it, if a record holds it.
TEST(ImportMail, KeepsFilesThatARecordHolds) {
  const Client client(Server::Shared(), "import-mail-files", kUser);
  const auto with_file = [](const std::string& id, size_t bytes) {
    return Written(id + ".eml", "From: a@example.com\nSubject: Offer\nMessage-ID: <" + id +
                                    "@example.com>\nMIME-Version: 1.0\n"
                                    "Content-Type: application/octet-stream\n"
                                    "Content-Disposition: attachment; filename=\"offer.bin\"\n\n" +
                                    std::string(bytes, 'x'));
  };
  const std::string small = with_file("small", 255 << 10);
  const Finished kept = ImportMail("import-mail-files", small);
  EXPECT_EQ(kept.code, 0) << kept.output;
  EXPECT_EQ(kept.output.find("left out"), std::string::npos) << kept.output;
  EXPECT_EQ(Count<Note>(client), 1);
  const std::string large = with_file("large", (255 << 10) + 1);
  const Finished left_out = ImportMail("import-mail-files", large);
  EXPECT_EQ(left_out.code, 0) << left_out.output;
  EXPECT_NE(left_out.output.find("offer.bin is left out: it has more than 255 KiB"),
            std::string::npos)
      << left_out.output;
  EXPECT_EQ(Count<Email>(client), 2);
  EXPECT_EQ(Count<Note>(client), 1);
  std::filesystem::remove(small);
  std::filesystem::remove(large);
}

// Each of a folder's messages is taken in or refused with a reason.
TEST(ImportMail, TakesOrRefusesEachOfAFolder) {
  const TemporaryFolder mails;
  const std::string mail =
      "From: a@example.com\nSubject: Hello\nMessage-ID: <g@example.com>\n\nHi\n";
  WriteText(mails.path() / "good.eml", mail);
  WriteText(mails.path() / "again.eml", mail);
  WriteText(mails.path() / "nobody.eml", "Subject: Nothing\n\nHi\n");
  const Finished few = ImportMail("import-mail-few", mails.path().string());
  EXPECT_EQ(few.code, 3) << few.output;
  EXPECT_NE(few.output.find("taken in 1, known before 1, refused 1"), std::string::npos)
      << few.output;
  EXPECT_NE(few.output.find("nobody sends it and nobody gets it"), std::string::npos);

  // Those of many programs, if CRM_DATA names a folder with them.
  const char* data = std::getenv("CRM_DATA");
  if (data == nullptr || *data == '\0') return;
  const std::string folder = std::filesystem::absolute(data).string() + "/formats/eml";
  const Finished taken = ImportMail("import-mail-many", folder);
  EXPECT_EQ(taken.code, 3) << taken.output;
  EXPECT_NE(taken.output.find("taken in 70, known before 32, refused 1"), std::string::npos)
      << taken.output;
  EXPECT_EQ(Count<Email>(Client(Server::Shared(), "import-mail-many", kUser)), 70);
}

// The same cards again add nothing; the account of the company's name is the contact's.
TEST(ImportCards, CreatesContactsOnce) {
  const Client client(Server::Shared(), "import-cards", kUser);
  Account account;
  account.set_display_name("Velo");
  account = Made(client, account);
  const std::string path = Written(
      "cards.vcf",
      "BEGIN:VCARD\nVERSION:3.0\nN:Ionescu;Dan\nORG:Velo\nEMAIL:dan@example.com\nEND:VCARD\n"
      "BEGIN:VCARD\nVERSION:3.0\nEND:VCARD\n");
  Finished taken = Import("import-cards", "import-cards", path);
  EXPECT_EQ(taken.code, 3) << taken.output;
  EXPECT_NE(taken.output.find("created 1, already there 0, refused 1"), std::string::npos)
      << taken.output;
  EXPECT_NE(taken.output.find("card 2: it names nobody"), std::string::npos) << taken.output;
  taken = Import("import-cards", "import-cards", path);
  EXPECT_NE(taken.output.find("created 0, already there 1"), std::string::npos) << taken.output;
  const auto contacts = List<Contact>(client, {});
  ASSERT_EQ(contacts.body.contacts_size(), 1);
  EXPECT_EQ(contacts.body.contacts(0).parent_customer(), account.name());
  EXPECT_EQ(contacts.body.contacts(0).email(), "dan@example.com");
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace crm::test
