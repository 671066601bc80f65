#pragma once

#include <string>
#include <string_view>

#include "libs/record/image.h"
#include "libs/record/spans.h"

namespace crm::shard {

// A record that is about to be written, as a derive function sees it: some fields are read, others
// set, without parsing the whole.
class Draft {
 public:
  // `image`: canonical; must outlive the draft.
  explicit Draft(std::string_view image) : spans_(record::Spans::Read(image)), edit_(image) {}

  std::string_view Text(uint32_t field) const { return spans_ ? spans_->Text(field) : ""; }
  uint64_t Integer(uint32_t field) const { return spans_ ? spans_->Integer(field) : 0; }
  void SetText(uint32_t field, std::string_view text) { edit_.SetText(field, text); }
  void SetInteger(uint32_t field, uint64_t value) { edit_.SetInteger(field, value); }
  std::string Build() const { return edit_.Build(); }

 private:
  std::optional<record::Spans> spans_;
  record::ImageEdit edit_;
};

}  // namespace crm::shard
