#pragma once

#include <string>

#include "tests/access/victim.h"

namespace crm::test {

// What of a victim the fields of a request are filled with, beside its records' names.
enum class Lure { kNames, kPageTokens, kEtags, kFilters, kPositions, kWatchPositions };
inline constexpr Lure kLures[] = {Lure::kNames,   Lure::kPageTokens, Lure::kEtags,
                                  Lure::kFilters, Lure::kPositions,  Lure::kWatchPositions};

// Requests for everything that there is to know of a victim's records of one collection.
class LuredRequest {
 public:
  LuredRequest(const Victim& victim, Lure lure, std::string collection)
      : victim_(victim), lure_(lure), collection_(std::move(collection)) {}

  Record For(const google::protobuf::MethodDescriptor* method) const;

 private:
  void FillAll(google::protobuf::Message* message, int depth) const;
  void FillOne(google::protobuf::Message* message, const google::protobuf::FieldDescriptor* field,
               int depth) const;
  void FillAny(google::protobuf::Message* message) const;
  std::string TextFor(const google::protobuf::FieldDescriptor* field) const;
  // Of a field that carries what was said of a list, a watch or a version; null for another one.
  const std::string* TokenFor(const std::string& name, std::string* text) const;

  const Victim& victim_;
  const Lure lure_;
  const std::string collection_;
};

}  // namespace crm::test
