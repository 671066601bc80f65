#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/record/catalogue.h"
#include "libs/record/status.h"
#include "libs/record/wire.h"

// One pass over an image that looks for what is wrong with it; for this library only.
namespace crm::record {

// Where a message lies; turned into text only when something is wrong.
struct Place {
  const Place* up = nullptr;
  std::string_view name;  // the prefix, a field or a map's key
  int64_t position = -1;  // within a list
};

struct Parts {
  int64_t first = 0, second = 0, third = 0;
  std::string_view text;  // field 1 where it is a text
};

class Validation {
 public:
  enum class Of { kRecord, kPart, kRequest };
  explicit Validation(Of of) : of_(of) {}

  // `prefix`: `lead.` for a record that a request calls so.
  void Record(const MessageType& type, std::string_view image, std::string_view prefix) {
    if (!prefix.empty() && prefix.back() == '.') prefix.remove_suffix(1);
    Place top{nullptr, prefix};
    Message(type, image, top, 0);
  }
  std::vector<Violation> Take() { return std::move(violations_); }

 private:
  void Message(const MessageType& type, std::string_view bytes, const Place& place, int depth);
  void Report(const Place& place, std::string reason, std::string description);
  void Unknown(const Place& place, uint32_t number);
  void Known(const Field& field, const WireReader& reader, const Place& place, int depth);
  void Text(const Field& field, std::string_view text, const Place& place);
  void Reference(const Field& field, std::string_view text, const Place& place);
  void Packed(const Field& field, std::string_view payload, const Place& place);
  void Number(const Field& field, uint64_t bits, const Place& place);
  template <class T>
  void Range(const Field& field, T value, const Place& place);
  void Time(std::string_view bytes, const Field& field, const Place& place);
  void Date(std::string_view bytes, const Field& field, const Place& place);
  void Money(const Field& field, std::string_view bytes, const Place& place);
  void Currency(std::string_view code, const Place& place);
  void Entry(const Field& field, std::string_view entry, const Place& place, int depth);
  void CustomValue(const Field& field, std::string_view value, const Place& place, int depth);
  bool Split(const Field& field, std::string_view bytes, const Place& place, Parts* parts);

  Of of_;
  std::string currency_;  // of the record's first amount
  std::vector<Violation> violations_;
};

}  // namespace crm::record
