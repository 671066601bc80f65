#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/store/key.h"

namespace crm::store {

// Rows of `record` as they stand in the table and were read a moment ago: what is decided about a
// record has read it, and who applies what was decided needs it again. An empty row is a deleted
// record's, or that of an id which was just made and never had one. A few of the last ones; of one
// thread.
class ReadRows {
 public:
  // `key`: of a record (AppendRecordKey).
  void Keep(std::string_view key, std::string_view row);
  const std::string* Find(std::string_view key) const;
  // For who is about to write another row in its place: it is not kept any longer.
  std::optional<std::string> Take(std::string_view key);
  void Clear() { rows_.clear(); }

 private:
  struct Row {
    std::array<char, kRecordKeySize> key;
    std::optional<std::string> value;
    bool Is(std::string_view wanted) const {
      return value && std::string_view(key.data(), key.size()) == wanted;
    }
  };
  std::vector<Row> rows_;  // each key has one place, which the last one to come takes
};

}  // namespace crm::store
