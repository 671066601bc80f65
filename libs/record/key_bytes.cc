#include "libs/record/key_bytes.h"

#include <unicode/coll.h>
#include <unicode/ustring.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>
#include <vector>

#include "libs/record/check.h"

namespace crm::record {
namespace {

const icu::Collator& RootCollator() {
  static const std::unique_ptr<const icu::Collator> kCollator = [] {
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<const icu::Collator> collator(
        icu::Collator::createInstance(icu::Locale::getRoot(), status));
    CRM_CHECK(U_SUCCESS(status));
    return collator;
  }();
  return *kCollator;
}

void ComputeSortKey(std::string_view text, std::string* out) {
  constexpr int32_t kChars = 256;
  UChar fixed[kChars];
  std::unique_ptr<UChar[]> longer;
  UChar* chars = fixed;
  // UTF-16 never has more units than UTF-8 has bytes.
  if (text.size() > kChars) {
    longer = std::make_unique<UChar[]>(text.size());
    chars = longer.get();
  }
  int32_t length = 0;
  UErrorCode status = U_ZERO_ERROR;
  u_strFromUTF8WithSub(chars, static_cast<int32_t>(std::max<size_t>(text.size(), kChars)), &length,
                       text.data(), static_cast<int32_t>(text.size()), 0xfffd, nullptr, &status);
  size_t before = out->size();
  size_t room = 3 * static_cast<size_t>(length) + 16;
  out->resize(before + room);
  auto* key = reinterpret_cast<uint8_t*>(out->data() + before);
  int32_t size = RootCollator().getSortKey(chars, length, key, static_cast<int32_t>(room));
  if (static_cast<size_t>(size) > room) {
    out->resize(before + static_cast<size_t>(size));
    key = reinterpret_cast<uint8_t*>(out->data() + before);
    size = RootCollator().getSortKey(chars, length, key, size);
  }
  out->resize(before + static_cast<size_t>(size));
}

// Texts come again at once: before and after an update, and in the records of one import. Sort keys
// that a thread computed last are kept, at a place that the text decides.
struct SortKey {
  std::string text;
  std::string key;
};
constexpr size_t kKept = 256;
constexpr size_t kLongestKept = 64;

}  // namespace

void AppendFixed(int64_t value, std::string* out) {
  uint64_t bits = __builtin_bswap64(static_cast<uint64_t>(value) ^ (uint64_t{1} << 63));
  out->append(reinterpret_cast<const char*>(&bits), sizeof bits);
}

void AppendUnsigned(uint64_t value, std::string* out) {
  uint64_t bits = __builtin_bswap64(value);
  out->append(reinterpret_cast<const char*>(&bits), sizeof bits);
}

void AppendDouble(double value, std::string* out) {
  if (value == 0) value = 0;  // one zero, whatever its sign
  uint64_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  bool negative = bits >> 63;
  AppendUnsigned(negative ? ~bits : bits | uint64_t{1} << 63, out);
}

void AppendWide(Wide value, std::string* out) {
  AppendFixed(static_cast<int64_t>(value >> 64), out);
  AppendUnsigned(static_cast<uint64_t>(value), out);
}

void AppendEscaped(std::string_view text, std::string* out) {
  for (size_t zero; (zero = text.find('\0')) != std::string_view::npos;
       text.remove_prefix(zero + 1)) {
    out->append(text.substr(0, zero + 1));
    *out += '\xff';
  }
  out->append(text);
  out->append("\x00\x01", 2);
}

void AppendSortKey(std::string_view text, std::string* out) {
  if (text.size() > kLongestKept) return ComputeSortKey(text, out);
  thread_local std::vector<SortKey> kept(kKept);
  SortKey& place = kept[std::hash<std::string_view>()(text) % kKept];
  if (place.key.empty() || place.text != text) {
    place.key.clear();
    ComputeSortKey(text, &place.key);
    place.text = text;
  }
  *out += place.key;
}

}  // namespace crm::record
