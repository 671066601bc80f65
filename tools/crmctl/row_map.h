#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/crmctl/schema.h"

// How the columns of a file become the fields of records.
namespace crm::ctl {

// Where one field, or a part of its text, comes from.
struct Mapping {
  std::string path;    // `address1.city`
  std::string source;  // a column's title, or the text itself
  bool constant = false;
};

// `field=Column` or `field:=text`. Throws UsageError.
Mapping ParseMapping(const std::string& text);

// What is wrong with one row.
struct RowFault {
  std::string field;
  std::string reason;
  std::string text;
  bool operator==(const RowFault&) const = default;
};

class RowMap {
 public:
  // Without mappings each column is the field that it is called after. Throws UsageError for
  // columns and fields that there are none of, and for fields that are read only.
  RowMap(const RecordType& type, std::vector<Mapping> mappings,
         const std::vector<std::string>& header, std::string currency);

  // Sets the record's fields; gives everything that is wrong with the row. Empty texts leave a
  // field unset; several sources of one field are joined by line ends.
  std::vector<RowFault> Fill(const std::vector<std::string>& row, Message* record) const;

 private:
  struct Part {
    std::optional<size_t> column;
    std::string constant;
  };
  struct Target {
    std::string path;
    std::vector<Part> parts;
  };

  std::string TextOf(const Target& target, const std::vector<std::string>& row) const;

  std::vector<Target> targets_;
  size_t columns_;
  std::string currency_;
};

}  // namespace crm::ctl
