#include <gmock/gmock.h>

#include "tests/server/records.h"

// What crmctl does when what it has to say can't be written, or what it is given can't be read.
namespace crm::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class CrmctlOutput : public testing::Test {
 protected:
  // A line of a shell in which `crmctl` and `$folder` are known.
  Finished Shell(const std::string& line) {
    const std::string all =
        "crmctl() { " CRMCTL_PROGRAM " \"$@\"; }; folder=" + folder_.path().string() + "; " + line;
    return test::Run({"/bin/bash", "-c", all},
                     {"CRM_SERVER=" + Server::Shared().target(), "CRM_TENANT=" + tenant_,
                      "CRM_USER=ana@example.com"});
  }
  std::string Lead() {
    const Finished created =
        Shell("crmctl create leads subject=Bikes last_name=Ionescu | grep -o 'leads/[0-9a-f-]*'");
    return created.output.substr(0, created.output.find('\n'));
  }
  // Rows of leads; in row 450 a name in Latin-1.
  void WriteRows(int rows) {
    std::string text = "subject,last_name\n";
    for (int i = 1; i <= rows; ++i)
      text += "Fair," + (i == 450 ? std::string("M\xfcller") : "Name " + std::to_string(i)) + '\n';
    WriteText(folder_.path() / "rows.csv", text);
  }

  const TemporaryFolder folder_;
  const std::string tenant_ =
      std::string("crmctl-output-") + std::to_string(getpid()) + "-" +
      std::to_string(testing::UnitTest::GetInstance()->current_test_info()->line());
};

TEST_F(CrmctlOutput, EndsWith1WhenNobodyGetsWhatItPrints) {
  const std::string lead = Lead();
  for (const std::string& command :
       {std::string("list leads"), std::string("list leads --all"),
        std::string("-o table list leads"), std::string("events export"), "get " + lead,
        "history " + lead, std::string("verify"), std::string("types"), std::string("types leads"),
        std::string("descriptors"), std::string("call GetLead '{\"name\": \"" + lead + "\"}'"),
        std::string("completion bash"), std::string("watch leads --initial-state"),
        "preview-delete " + lead, std::string("events tail --from 0"), std::string("--help")}) {
    const Finished full = Shell("crmctl " + command + " > /dev/full");
    EXPECT_EQ(full.code, 1) << command;
    EXPECT_EQ(full.output, "crmctl: can't write standard output: No space left on device\n")
        << command;
  }
}

TEST_F(CrmctlOutput, EndsWith1WhereTheDiskEnds) {
  const Finished full = Shell(
      "for i in $(seq 1 2000); do echo \"Fair,Name $i\"; done | "
      "cat <(echo subject,last_name) - > $folder/rows.csv; "
      "crmctl import $folder/rows.csv --type leads --import-id fair");
  ASSERT_EQ(full.code, 0) << full.output;
  // What is cut off where the disk ends is told, wherever that is.
  const Finished cut =
      Shell("trap '' XFSZ; ulimit -f 100; crmctl events export > $folder/events.json");
  EXPECT_EQ(cut.code, 1);
  EXPECT_EQ(cut.output, "crmctl: can't write standard output: File too large\n");
  EXPECT_GT(std::filesystem::file_size(folder_.path() / "events.json"), 100'000u);
}

TEST_F(CrmctlOutput, SaysNothingWhenAPipeIsClosed) {
  Lead();
  for (const char* trap : {"", "trap '' PIPE; "}) {
    const Finished head = Shell(std::string(trap) + "crmctl types leads | head -n 0");
    EXPECT_EQ(head.output, "") << trap;
    EXPECT_EQ(head.code, 0) << trap;
  }
}

TEST_F(CrmctlOutput, StopsAnImportThatCannotTellItsFaults) {
  WriteRows(1000);
  const Finished full =
      Shell("crmctl import $folder/rows.csv --type leads --import-id fair --errors /dev/full");
  EXPECT_EQ(full.code, 1) << full.output;
  EXPECT_THAT(full.output, HasSubstr("crmctl: can't write /dev/full: No space left on device\n"));
  EXPECT_THAT(full.output, HasSubstr("the same command again goes on where it was\n"));
  const Finished again = Shell(
      "crmctl import $folder/rows.csv --type leads --import-id fair --errors $folder/errors.csv");
  EXPECT_EQ(again.code, 3) << again.output;
  EXPECT_EQ(Count<test::Lead>(Client(Server::Shared(), tenant_)), 999);
}

TEST_F(CrmctlOutput, ImportsAllRowsButTheOneThatIsNoUtf8) {
  WriteRows(1000);
  for (const char* dry_run : {" --dry-run", ""}) {
    const Finished imported =
        Shell(std::string("crmctl import $folder/rows.csv --type leads --import-id fair "
                          "--errors $folder/errors.csv") +
              dry_run);
    EXPECT_EQ(imported.code, 3) << imported.output;
    EXPECT_THAT(imported.output, HasSubstr("999, already there 0"));
    EXPECT_THAT(imported.output, HasSubstr("fail"));
    EXPECT_THAT(imported.output, Not(HasSubstr("libprotobuf")));
    EXPECT_EQ(ReadText(folder_.path() / "errors.csv"),
              "row,field,reason,text\r\n"
              "450,last_name,BAD_VALUE,\"last_name: \"\"M\\xfcller\"\" is no UTF-8 text; is it "
              "Latin-1?\"\r\n");
  }
}

TEST_F(CrmctlOutput, NamesTheFieldThatIsNoUtf8) {
  const std::string bad = "crmctl: last_name: \"M\\xfcller\" is no UTF-8 text; is it Latin-1?\n";
  const std::string lead = Lead();
  for (const std::string& command : {std::string("create leads subject=x"), "update " + lead}) {
    const Finished refused = Shell("crmctl " + command + " last_name=$'M\\xfcller'");
    EXPECT_EQ(refused.code, 1) << command;
    EXPECT_EQ(refused.output, bad) << command;
  }
  const Finished json =
      Shell("printf '{\"last_name\": \"M\\xfcller\"}' | crmctl create leads --json -");
  EXPECT_EQ(json.code, 1);
  EXPECT_EQ(json.output,
            "crmctl: the JSON is no UTF-8 text: \"…{\"last_name\": \"M\\xfc\"; is it Latin-1?\n");
  const Finished filter = Shell("crmctl list leads --filter $'last_name = \"M\\xfc\"'");
  EXPECT_EQ(filter.code, 5);
  EXPECT_EQ(filter.output,
            "crmctl: INVALID_ARGUMENT MALFORMED_REQUEST: crm.record.v1.ListRequest.filter: is no "
            "UTF-8\n");
  const Finished user = Shell("crmctl --user ană list leads");
  EXPECT_EQ(user.code, 1);
  EXPECT_EQ(user.output, "crmctl: --user: \"an\\xc4\\x83\" is not all ASCII characters\n");
}

}  // namespace
}  // namespace crm::test
