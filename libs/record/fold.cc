#include "libs/record/fold.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

namespace crm::record {

std::string Fold(std::string_view text) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* decompose = icu::Normalizer2::getNFKDInstance(error);
  if (U_FAILURE(error)) return std::string(text);
  icu::UnicodeString source =
      icu::UnicodeString::fromUTF8({text.data(), static_cast<int>(text.size())});
  icu::UnicodeString decomposed = decompose->normalize(source.foldCase(), error);
  icu::UnicodeString folded;
  bool space = false;
  for (int32_t at = 0; at < decomposed.length(); at = decomposed.moveIndex32(at, 1)) {
    const UChar32 letter = decomposed.char32At(at);
    if (u_charType(letter) == U_NON_SPACING_MARK) continue;
    if (u_isUWhiteSpace(letter)) {
      space = !folded.isEmpty();
      continue;
    }
    if (space) folded.append(static_cast<UChar32>(' '));
    space = false;
    folded.append(letter);
  }
  std::string result;
  folded.foldCase().toUTF8String(result);
  return result;
}

}  // namespace crm::record
