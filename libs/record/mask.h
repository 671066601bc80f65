#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "libs/record/catalogue.h"
#include "libs/record/status.h"

namespace crm::record {

// A field mask: top-level fields, or fields one or more levels below (`address1.city`,
// `custom.size`).
class Mask {
 public:
  // `paths`: of a google.protobuf.FieldMask; `*` stands for every field. Adds a violation for each
  // path that does not exist in the type, with `where` (`update_mask`) as its path.
  static Mask Compile(const MessageType& type, const std::vector<std::string>& paths,
                      std::string_view where, std::vector<Violation>* violations);
  // The fields that are set in the image (AIP-134: an absent update mask).
  static Mask OfImage(const MessageType& type, std::string_view image);

  bool empty() const { return steps_.empty(); }
  bool Contains(uint32_t number) const;  // the field or a part of it

  // `onto` with the masked fields taken from `from`; absent there: emptied. All canonical.
  std::string Merge(std::string_view from, std::string_view onto) const;
  // Only the masked fields of the image.
  std::string Keep(std::string_view image) const;

  struct Step {
    uint32_t number = 0;
    std::string map_key;      // for a map's entry
    std::vector<Step> below;  // empty: the whole field
    const Field* field = nullptr;
  };

 private:
  const MessageType* type_ = nullptr;
  std::vector<Step> steps_;  // by number, a map's entries by key
};

}  // namespace crm::record
