#include "tools/crmctl/csv.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace crm::ctl {
namespace {

using Records = std::vector<std::vector<std::string>>;

Records ReadAll(const std::string& text, std::string* error = nullptr) {
  std::istringstream in(text);
  CsvReader reader(in);
  Records records;
  std::vector<std::string> record;
  while (reader.Next(&record)) records.push_back(record);
  if (error) *error = reader.error();
  return records;
}

TEST(Csv, ReadsLinesOfEitherEnd) {
  EXPECT_EQ(ReadAll("a,b\n1,2\n"), (Records{{"a", "b"}, {"1", "2"}}));
  EXPECT_EQ(ReadAll("a,b\r\n1,2"), (Records{{"a", "b"}, {"1", "2"}}));
}

TEST(Csv, ReadsQuotes) {
  EXPECT_EQ(ReadAll("\"a,b\",\"say \"\"hi\"\"\",\"two\r\nlines\",\"\"\n"),
            (Records{{"a,b", "say \"hi\"", "two\r\nlines", ""}}));
}

TEST(Csv, KeepsAQuoteInsideAnUnquotedField) {
  EXPECT_EQ(ReadAll("5\" nails,x\n"), (Records{{"5\" nails", "x"}}));
}

TEST(Csv, SkipsTheByteOrderMarkAndEmptyLines) {
  EXPECT_EQ(ReadAll("\xEF\xBB\xBF"
                    "a\n\n\r\nb\n\n"),
            (Records{{"a"}, {"b"}}));
}

TEST(Csv, KeepsEmptyFields) {
  EXPECT_EQ(ReadAll(",\n\"\"\na,\n"), (Records{{"", ""}, {""}, {"a", ""}}));
}

TEST(Csv, ReadsAcrossChunks) {
  std::string field(200'000, 'x');
  field[64 << 10] = '"';
  std::string doubled = field;
  doubled.insert(64 << 10, 1, '"');
  EXPECT_EQ(ReadAll("\"" + doubled + "\",y\r\nz\n"), (Records{{field, "y"}, {"z"}}));
}

TEST(Csv, TellsWhichQuoteIsOpen) {
  std::string error;
  EXPECT_EQ(ReadAll("a\nb\n\"c\nd\n", &error), (Records{{"a"}, {"b"}}));
  EXPECT_EQ(error, "the quote in the record that begins in line 3 is not closed");
}

TEST(Csv, RefusesWhatIsLongerThanARecord) {
  std::string error;
  EXPECT_EQ(ReadAll("\"" + std::string(CsvReader::kMaxRecordBytes + 1, 'x') + "\"\n", &error),
            Records());
  EXPECT_NE(error.find("longer than 1 MiB"), std::string::npos) << error;
  EXPECT_EQ(ReadAll(std::string(CsvReader::kMaxRecordBytes + 1, ','), &error), Records());
  EXPECT_NE(error.find("longer than 1 MiB"), std::string::npos) << error;
}

TEST(Csv, CountsBytesAndLines) {
  std::istringstream in(
      "\xEF\xBB\xBF"
      "a\n\"b\nc\"\nd\n");
  CsvReader reader(in);
  std::vector<std::string> record;
  std::vector<int64_t> lines;
  while (reader.Next(&record)) lines.push_back(reader.line());
  EXPECT_EQ(lines, (std::vector<int64_t>{1, 2, 4}));
  EXPECT_EQ(reader.bytes(), 13);
}

TEST(Csv, WritesWhatItReads) {
  Records records = {{"a,b", "say \"hi\"", "two\nlines", ""}, {""}, {"plain", "ünï"}};
  std::string text;
  for (const auto& record : records) text += CsvRecord(record);
  EXPECT_EQ(text, "\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",\r\n\"\"\r\nplain,ünï\r\n");
  EXPECT_EQ(ReadAll(text), records);
}

std::string Content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Everything at once; then, if CRM_DATA names a folder with them, the cases of csv-spectrum: each
// file beside the JSON objects that it means.
TEST(Csv, ReadsTheSpectrum) {
  EXPECT_EQ(ReadAll("a,b\r\n\"x, \"\"y\"\"\nz\",\n"), (Records{{"a", "b"}, {"x, \"y\"\nz", ""}}));
  const char* data = std::getenv("CRM_DATA");
  if (data == nullptr) return;
  std::filesystem::path folder = std::filesystem::path(data) / "formats" / "csv-spectrum";
  int cases = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "csvs")) {
    Records records = ReadAll(Content(entry.path()));
    ASSERT_FALSE(records.empty()) << entry.path();
    auto read = nlohmann::json::array();
    for (size_t i = 1; i < records.size(); ++i) {
      ASSERT_EQ(records[i].size(), records[0].size()) << entry.path();
      nlohmann::json object;
      for (size_t k = 0; k < records[i].size(); ++k) object[records[0][k]] = records[i][k];
      read.push_back(object);
    }
    auto meant =
        nlohmann::json::parse(Content(folder / "json" / entry.path().stem().concat(".json")));
    if (meant.is_object()) meant = nlohmann::json::array({meant});
    for (auto* objects : {&read, &meant}) {
      // The set itself has another number in the one file than in the other.
      if (entry.path().stem() == "location_coordinates")
        (*objects)[0].erase("Contact Phone Number");
    }
    EXPECT_EQ(read, meant) << entry.path();
    ++cases;
  }
  EXPECT_EQ(cases, 12);
}

}  // namespace
}  // namespace crm::ctl
