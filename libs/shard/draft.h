#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "libs/record/clock.h"
#include "libs/record/image.h"
#include "libs/record/spans.h"

namespace crm::shard {

// A record that is about to be written, as a derive function sees it: some fields are read, others
// set, without parsing the whole.
class Draft {
 public:
  // `before`: the record as it was, empty for a new one; `image`: as it is to be. Both canonical;
  // both must outlive the draft.
  Draft(std::string_view before, std::string_view image, record::Instant time)
      : before_(record::Spans::Read(before)),
        spans_(record::Spans::Read(image)),
        edit_(image),
        is_new_(before.empty()),
        time_(time) {}

  bool is_new() const { return is_new_; }
  // The tenant's clock for this command.
  record::Instant time() const { return time_; }
  bool Has(uint32_t field) const { return spans_ && spans_->Has(field); }
  std::string_view Text(uint32_t field) const { return spans_ ? spans_->Text(field) : ""; }
  uint64_t Integer(uint32_t field) const { return spans_ ? spans_->Integer(field) : 0; }
  // Microseconds; 0: none.
  record::Instant Time(uint32_t field) const { return record::TimeOf(Text(field)); }
  // The bytes of a message field; empty: none, or an empty one.
  std::string_view Message(uint32_t field) const { return Text(field); }
  const record::Spans& spans() const { return *spans_; }
  const record::Spans& before() const { return *before_; }
  // The field as it is to be with what was set so far, valid until another one is set; nullopt:
  // not set. All others read what is given.
  std::optional<record::Span> Find(uint32_t field) const {
    const auto edited = edit_.Edited(field);
    if (edited) return edited->number == 0 ? std::nullopt : edited;
    const record::Span* span = spans_ ? spans_->Find(field) : nullptr;
    return span == nullptr ? std::nullopt : std::optional(*span);
  }
  // Whether the field differs from what it was.
  bool Changed(uint32_t field) const {
    const record::Span* was = before_ ? before_->Find(field) : nullptr;
    const record::Span* is = spans_ ? spans_->Find(field) : nullptr;
    return !record::SameField(was, is);
  }

  void SetText(uint32_t field, std::string_view text) { edit_.SetText(field, text); }
  void SetInteger(uint32_t field, uint64_t value) { edit_.SetInteger(field, value); }
  void SetTime(uint32_t field, record::Instant time) { edit_.SetTime(field, time); }
  void SetMessage(uint32_t field, std::string_view bytes) { edit_.SetMessage(field, bytes); }
  void Clear(uint32_t field) { edit_.Clear(field); }
  bool edited() const { return !edit_.empty(); }
  std::string Build() const { return edit_.Build(); }

 private:
  std::optional<record::Spans> before_;
  std::optional<record::Spans> spans_;
  record::ImageEdit edit_;
  bool is_new_;
  record::Instant time_;
};

}  // namespace crm::shard
