#include "libs/record/image.h"

#include <algorithm>
#include <ctime>

#include "libs/record/check.h"

namespace crm::record {
namespace {

constexpr int64_t kMicrosPerSecond = 1'000'000;

}  // namespace

ImageEdit::ImageEdit(std::string_view image) : image_(image) {}

void ImageEdit::Put(uint32_t number, size_t at) {
  constexpr size_t kUsual = 12;
  if (changes_.empty()) changes_.reserve(kUsual);
  const Change change{number, static_cast<uint32_t>(at),
                      static_cast<uint32_t>(fields_.size() - at)};
  const auto place = Place(number);
  if (place == changes_.end() || place->number != number) {
    changes_.insert(place, change);
  } else {
    changes_[static_cast<size_t>(place - changes_.begin())] = change;
  }
}

std::vector<ImageEdit::Change>::const_iterator ImageEdit::Place(uint32_t number) const {
  return std::lower_bound(
      changes_.begin(), changes_.end(), number,
      [](const Change& change, uint32_t wanted) { return change.number < wanted; });
}

std::optional<Span> ImageEdit::Edited(uint32_t number) const {
  const auto place = Place(number);
  if (place == changes_.end() || place->number != number) return std::nullopt;
  WireReader reader(Field(*place));
  return reader.Next() ? Span::Of(reader) : Span();
}

ImageEdit& ImageEdit::SetText(uint32_t number, std::string_view text) {
  const size_t at = fields_.size();
  if (!text.empty()) AppendBytesField(number, text, &fields_);
  Put(number, at);
  return *this;
}

ImageEdit& ImageEdit::SetInteger(uint32_t number, uint64_t value) {
  const size_t at = fields_.size();
  if (value != 0) AppendVarintField(number, value, &fields_);
  Put(number, at);
  return *this;
}

ImageEdit& ImageEdit::SetTime(uint32_t number, int64_t micros) {
  return SetMessage(number, TimestampBytes(micros));
}

ImageEdit& ImageEdit::SetMessage(uint32_t number, std::string_view content) {
  const size_t at = fields_.size();
  AppendBytesField(number, content, &fields_);
  Put(number, at);
  return *this;
}

ImageEdit& ImageEdit::Clear(uint32_t number) {
  Put(number, fields_.size());
  return *this;
}

std::string ImageEdit::Build() const {
  if (changes_.empty()) return std::string(image_);
  std::string result;
  result.reserve(image_.size() + fields_.size());
  auto change = changes_.begin();
  // What stays is copied in runs: `from` is where the present run begins.
  const char* from = image_.data();
  const char* at = from;
  WireReader reader(image_);
  while (change != changes_.end() && reader.Next()) {
    const char* next = reader.whole().data() + reader.whole().size();
    while (change != changes_.end() && change->number < reader.number()) {
      result.append(from, at);
      from = at;
      result += Field(*change++);
    }
    if (change != changes_.end() && change->number == reader.number()) {
      // A changed field's old spans are left out; the new one comes before the next higher number.
      result.append(from, at);
      from = next;
    }
    at = next;
  }
  CRM_CHECK(reader.ok());
  if (change == changes_.end()) at = image_.data() + image_.size();
  result.append(from, at);
  while (change != changes_.end()) result += Field(*change++);
  return result;
}

int64_t TimeOf(std::string_view timestamp) {
  int64_t seconds = 0, nanos = 0;
  WireReader reader(timestamp);
  while (reader.Next()) {
    if (reader.type() != WireType::kVarint) continue;
    if (reader.number() == 1) seconds = static_cast<int64_t>(reader.varint());
    if (reader.number() == 2) nanos = static_cast<int32_t>(reader.varint());
  }
  // What lies outside of protobuf's years 1 to 9999 is refused before it is stored; here it must
  // only not overflow.
  constexpr int64_t kFar = 300'000'000'000;
  return std::clamp(seconds, -kFar, kFar) * kMicrosPerSecond + nanos / 1000;
}

std::string TimestampBytes(int64_t micros) {
  int64_t seconds = micros / kMicrosPerSecond, rest = micros % kMicrosPerSecond;
  if (rest < 0) {
    rest += kMicrosPerSecond;
    --seconds;
  }
  std::string bytes;
  if (seconds != 0) AppendVarintField(1, static_cast<uint64_t>(seconds), &bytes);
  if (rest != 0) AppendVarintField(2, static_cast<uint64_t>(rest * 1000), &bytes);
  return bytes;
}

std::string TimeText(int64_t micros) {
  int64_t seconds = micros / kMicrosPerSecond, rest = micros % kMicrosPerSecond;
  if (rest < 0) {
    rest += kMicrosPerSecond;
    --seconds;
  }
  std::time_t time = seconds;
  std::tm utc{};
  gmtime_r(&time, &utc);
  char text[64];
  int size = std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ",
                           utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min,
                           utc.tm_sec, static_cast<int>(rest));
  return std::string(text, static_cast<size_t>(size));
}

}  // namespace crm::record
