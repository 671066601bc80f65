#pragma once

#include <cstdint>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

// CSV files as RFC 4180 has them, and as spreadsheets write them: with or without a byte order
// mark, line ends LF or CRLF, quotes that hold commas, quotes doubled, and line ends. Only what is
// read is in memory, never the file.
namespace crm::ctl {

class CsvReader {
 public:
  // A record longer than this is an unclosed quote, not a record.
  static constexpr size_t kMaxRecordBytes = 1 << 20;

  explicit CsvReader(std::istream& in);

  // The next record; false: there is none, or `error` is set. Empty lines are skipped.
  bool Next(std::vector<std::string>* record);
  const std::string& error() const { return error_; }
  // The line that the last record began in, from 1.
  int64_t line() const { return record_line_; }
  // How many bytes were taken from the file.
  int64_t bytes() const { return bytes_; }

 private:
  int Get();
  int Peek();
  bool Fill();
  bool ReadQuoted(std::string* field);
  bool TooLong(size_t length);

  std::istream& in_;
  std::string buffer_;
  size_t at_ = 0;
  int64_t bytes_ = 0;
  int64_t line_ = 1;
  int64_t record_line_ = 0;
  std::string error_;
};

// One record with its line end, quoted where it must be.
std::string CsvRecord(const std::vector<std::string>& fields);

}  // namespace crm::ctl
