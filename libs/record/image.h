#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/record/catalogue.h"
#include "libs/record/result.h"
#include "libs/record/spans.h"

// Images: records and requests in canonical protobuf bytes.
namespace crm::record {

// Canonical at every depth: ascending field numbers, unknown ones sorted in; implicit-presence
// defaults absent; map entries by key bytes, both parts written; repeated numbers packed; shortest
// varints; last value wins, messages merged. Fails on malformed bytes and invalid UTF-8 in texts.
Result<std::string> Normalise(const MessageType& type, std::string_view bytes);

// Builds a canonical image out of another: top-level fields are set, emptied or kept.
class ImageEdit {
 public:
  explicit ImageEdit(std::string_view image);  // canonical; must outlive the edit

  ImageEdit& SetText(uint32_t number, std::string_view text);  // "" empties it
  ImageEdit& SetInteger(uint32_t number, uint64_t value);      // 0 empties it
  ImageEdit& SetTime(uint32_t number, int64_t micros);
  ImageEdit& SetMessage(uint32_t number, std::string_view content);  // sets it even when empty
  ImageEdit& Clear(uint32_t number);
  // The field as it was set, valid until another one is; a default one where it was emptied;
  // nullopt: neither, it stays as it is in the image.
  std::optional<Span> Edited(uint32_t number) const;
  bool empty() const { return changes_.empty(); }
  std::string Build() const;

 private:
  struct Change {
    uint32_t number;
    uint32_t at, size;  // the whole field, in fields_; none: it is emptied
  };
  // The field is what stands in fields_ from there on.
  void Put(uint32_t number, size_t at);
  // Its change, or where that belongs.
  std::vector<Change>::const_iterator Place(uint32_t number) const;
  std::string_view Field(const Change& change) const {
    return {fields_.data() + change.at, change.size};
  }
  std::string_view image_;
  std::string fields_;           // one after the other: a string for each shows in the profile
  std::vector<Change> changes_;  // by number
};

// Microseconds in a google.protobuf.Timestamp's bytes; 0 for none. Sub-microseconds are cut.
int64_t TimeOf(std::string_view timestamp);
std::string TimestampBytes(int64_t micros);
// RFC 3339, UTC, six decimals.
std::string TimeText(int64_t micros);

}  // namespace crm::record
