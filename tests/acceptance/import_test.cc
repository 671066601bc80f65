#include <gmock/gmock.h>

#include <sstream>

#include "tests/server/records.h"

// Data that comes from elsewhere, through crmctl.
namespace crm::test {
namespace {

using testing::HasSubstr;

constexpr char kTenant[] = "r187";
constexpr int kRows = 1000;

// Row 10 has no last name, row 500 no e-mail address where one is given, row 1000 an unknown
// source.
std::string Rows() {
  std::ostringstream rows;
  rows << "Topic,Name,Mail,Source\n";
  for (int i = 1; i <= kRows; ++i) {
    rows << "Topic " << i << ',' << (i == 10 ? "" : "Name " + std::to_string(i)) << ','
         << (i == 500 ? "nobody at all" : "person" + std::to_string(i) + "@example.com") << ','
         << (i == 1000 ? "SOURCE_DREAM" : "SOURCE_WEB") << '\n';
  }
  return rows.str();
}

Finished Import(const std::filesystem::path& rows, const std::filesystem::path& errors) {
  return Run({CRMCTL_PROGRAM,
              "--server",
              Server::Shared().target(),
              "--tenant",
              kTenant,
              "--user",
              "ana@example.com",
              "import",
              rows.string(),
              "--type",
              "leads",
              "--import-id",
              "spring-fair",
              "--errors",
              errors.string(),
              "--map",
              "subject=Topic",
              "--map",
              "last_name=Name",
              "--map",
              "email=Mail",
              "--map",
              "lead_source=Source"});
}

std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

void ExpectThreeReasons(const std::filesystem::path& errors) {
  const std::vector<std::string> lines = LinesOf(ReadText(errors));
  ASSERT_EQ(lines.size(), 4u) << ReadText(errors);
  EXPECT_EQ(lines[0].substr(0, 16), "row,field,reason");
  std::string rest = ReadText(errors);
  EXPECT_THAT(rest, HasSubstr("\n10,last_name,REQUIRED_FIELD,"));
  EXPECT_THAT(rest, HasSubstr("\n500,email,INVALID_FORMAT,"));
  EXPECT_THAT(rest, HasSubstr("\n1000,lead_source,UNKNOWN_OPTION,"));
}

// | 187 | IX | CSV import | G 1,000 rows, 3 bad W import T 997 created, 3 rows with reasons |
TEST(Acceptance, R187_ImportCreatesGoodRowsAndExplainsBadOnes) {
  const TemporaryFolder folder;
  const auto rows = folder.path() / "rows.csv";
  const auto errors = folder.path() / "errors.csv";
  WriteText(rows, Rows());
  const Client client(Server::Shared(), kTenant);
  const Finished first = Import(rows, errors);
  EXPECT_EQ(first.code, 3) << first.output;
  EXPECT_THAT(first.output, HasSubstr("created 997, already there 0, failed 3"));
  ExpectThreeReasons(errors);
  EXPECT_EQ(Count<Lead>(client), 997);
  EXPECT_EQ(Count<Lead>(client, "email = \"person499@example.com\""), 1);
  EXPECT_EQ(Count<Lead>(client, "last_name = \"Name 500\""), 0);
  EXPECT_EQ(Count<Lead>(client, "lead_source = \"SOURCE_WEB\""), 997);

  // Running it twice changes nothing.
  const auto before = Verify(client);
  const Finished second = Import(rows, errors);
  EXPECT_EQ(second.code, 3) << second.output;
  EXPECT_THAT(second.output, HasSubstr("created 0, already there 997, failed 3"));
  ExpectThreeReasons(errors);
  EXPECT_EQ(Verify(client), before);

  const Changes changes = ChangesAfter(client, "0");
  EXPECT_EQ(changes.size(), 997u);
  for (const auto& lead : changes.leads) {
    EXPECT_EQ(lead.change().event(), "crm.sales.v1.lead.created");
    EXPECT_EQ(lead.change().client(), "import");
  }
}

}  // namespace
}  // namespace crm::test
