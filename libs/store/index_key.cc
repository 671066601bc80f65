#include "libs/store/index_key.h"

#include "libs/record/key.h"
#include "libs/store/fork.h"
#include "libs/store/key.h"

namespace crm::store {
namespace {

using record::Spans;

// Of a repeated one, all of them.
bool SameSpans(uint32_t number, const Spans& before, const Spans& after) {
  const auto old_spans = before.All(number);
  const auto new_spans = after.All(number);
  if (old_spans.size() != new_spans.size()) return false;
  for (size_t i = 0; i < old_spans.size(); ++i) {
    if (old_spans[i].whole() != new_spans[i].whole()) return false;
  }
  return true;
}

}  // namespace

bool SameValues(const record::Index& index, const Spans& before, const Spans& after) {
  for (const auto& path : index.by) {
    if (!SameSpans(path.front()->number, before, after)) return false;
  }
  return true;
}

void BuildIndexKey(const RecordKey& key, const record::Index& index, uint16_t number,
                   const std::optional<Spans>& spans, std::string* out) {
  out->clear();
  if (!spans || (index.sparse && !spans->Has(index.by.front().front()->number))) return;
  AppendIndexPrefix(key.tenant, key.type, number, out);
  record::AppendIndexValues(index, *spans, out);
  out->append(key.id.Bytes());
}

void BuildPastKey(const std::string& index_key, int64_t since, int64_t position, std::string* out) {
  out->assign(index_key, 0, kIndexPrefixSize);
  AppendNumber(ForkNode(static_cast<uint64_t>(since), static_cast<uint64_t>(position - 1)), out);
  out->append(index_key, kIndexPrefixSize);
  AppendNumber(position, out);
}

std::optional<Spans> SpansOf(std::string_view image) {
  if (image.empty()) return std::nullopt;
  return Spans::Read(image);
}

}  // namespace crm::store
