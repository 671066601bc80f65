#include "tools/crmctl/csv.h"

namespace crm::ctl {
namespace {

constexpr size_t kChunk = 64 << 10;
constexpr int kEnd = -1;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

CsvReader::CsvReader(std::istream& in) : in_(in) {
  Fill();
  if (std::string_view(buffer_).substr(0, kByteOrderMark.size()) == kByteOrderMark) {
    at_ = kByteOrderMark.size();
    bytes_ = static_cast<int64_t>(at_);
  }
}

bool CsvReader::Fill() {
  buffer_.resize(kChunk);
  in_.read(buffer_.data(), static_cast<std::streamsize>(kChunk));
  buffer_.resize(static_cast<size_t>(in_.gcount()));
  at_ = 0;
  return !buffer_.empty();
}

int CsvReader::Peek() {
  if (at_ == buffer_.size() && !Fill()) return kEnd;
  return static_cast<unsigned char>(buffer_[at_]);
}

int CsvReader::Get() {
  int c = Peek();
  if (c == kEnd) return c;
  ++at_;
  ++bytes_;
  if (c == '\n') ++line_;
  return c;
}

bool CsvReader::TooLong(size_t length) {
  if (length <= kMaxRecordBytes) return false;
  error_ = "the record that begins in line " + std::to_string(record_line_) +
           " is longer than 1 MiB: is a quote left open?";
  return true;
}

// Behind the opening quote, up to and with the closing one.
bool CsvReader::ReadQuoted(std::string* field) {
  while (true) {
    int c = Get();
    if (c == kEnd) {
      error_ = "the quote in the record that begins in line " + std::to_string(record_line_) +
               " is not closed";
      return false;
    }
    if (c == '"') {
      if (Peek() != '"') return true;
      Get();
    }
    field->push_back(static_cast<char>(c));
    if (TooLong(field->size())) return false;
  }
}

bool CsvReader::Next(std::vector<std::string>* record) {
  record->clear();
  if (!error_.empty()) return false;
  while (Peek() == '\n' || Peek() == '\r') Get();
  if (Peek() == kEnd) return false;
  record_line_ = line_;
  std::string field;
  size_t length = 0;
  while (true) {
    int c = Get();
    if (c == '"' && field.empty()) {
      if (!ReadQuoted(&field)) return false;
      continue;
    }
    bool line_end = c == kEnd || c == '\n' || (c == '\r' && (Peek() == '\n' || Peek() == kEnd));
    if (line_end || c == ',') {
      length += field.size() + 1;
      if (TooLong(length)) return false;
      record->push_back(std::move(field));
      field.clear();
      if (!line_end) continue;
      if (c == '\r') Get();
      return true;
    }
    field.push_back(static_cast<char>(c));
    if (TooLong(field.size())) return false;
  }
}

std::string CsvRecord(const std::vector<std::string>& fields) {
  std::string line;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) line += ',';
    // A lone empty field would be an empty line, which readers skip.
    bool quoted = fields[i].find_first_of(",\"\r\n") != std::string::npos ||
                  (fields.size() == 1 && fields[i].empty());
    if (!quoted) {
      line += fields[i];
      continue;
    }
    line += '"';
    for (char c : fields[i]) {
      if (c == '"') line += '"';
      line += c;
    }
    line += '"';
  }
  return line + "\r\n";
}

}  // namespace crm::ctl
