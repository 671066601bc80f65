#include "tools/crmctl/row_map.h"

#include <algorithm>

#include "tools/crmctl/failure.h"
#include "tools/crmctl/text.h"
#include "tools/crmctl/value.h"

namespace crm::ctl {
namespace {

size_t ColumnOf(const std::string& title, const std::vector<std::string>& header) {
  auto found = std::find(header.begin(), header.end(), title);
  if (found == header.end()) {
    throw UsageError("the file has no column \"" + title + "\"; it has: " + Join(header, ", "));
  }
  if (std::find(found + 1, header.end(), title) != header.end()) {
    throw UsageError("the file has two columns \"" + title + "\"");
  }
  return static_cast<size_t>(found - header.begin());
}

}  // namespace

Mapping ParseMapping(const std::string& text) {
  size_t sign = text.find('=');
  if (sign == std::string::npos || sign == 0 || text.substr(0, sign) == ":") {
    throw UsageError("--map: \"" + text + "\" is neither field=Column nor field:=text");
  }
  bool constant = text[sign - 1] == ':';
  return {text.substr(0, constant ? sign - 1 : sign), text.substr(sign + 1), constant};
}

RowMap::RowMap(const RecordType& type, std::vector<Mapping> mappings,
               const std::vector<std::string>& header, std::string currency)
    : columns_(header.size()), currency_(std::move(currency)) {
  if (mappings.empty()) {
    for (const auto& title : header) mappings.push_back({title, title, false});
  }
  for (const auto& mapping : mappings) {
    ValueError error = CheckWritable(type.message, mapping.path);
    if (error) throw UsageError(error.text);
    auto same = std::find_if(targets_.begin(), targets_.end(),
                             [&](const Target& target) { return target.path == mapping.path; });
    if (same == targets_.end()) same = targets_.insert(same, Target{mapping.path, {}});
    Part part;
    if (mapping.constant) {
      part.constant = mapping.source;
    } else {
      part.column = ColumnOf(mapping.source, header);
    }
    same->parts.push_back(part);
  }
}

std::string RowMap::TextOf(const Target& target, const std::vector<std::string>& row) const {
  std::vector<std::string> texts;
  for (const auto& part : target.parts) {
    const std::string& text = part.column ? row[*part.column] : part.constant;
    if (!text.empty()) texts.push_back(text);
  }
  return Join(texts, "\n");
}

std::vector<RowFault> RowMap::Fill(const std::vector<std::string>& row, Message* record) const {
  if (row.size() != columns_) {
    return {{"", "WRONG_COLUMN_COUNT",
             "The row has " + std::to_string(row.size()) + " columns, the header has " +
                 std::to_string(columns_) + "."}};
  }
  std::vector<RowFault> faults;
  for (const auto& target : targets_) {
    ValueError error = SetField(record, target.path, TextOf(target, row), currency_);
    if (error) faults.push_back({target.path, error.reason, error.text});
  }
  return faults;
}

}  // namespace crm::ctl
