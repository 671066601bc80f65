#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "libs/record/catalogue.h"
#include "libs/record/spans.h"
#include "libs/store/view.h"

// Where a record stands in its indexes: what `index` and `index_past` are functions of.
namespace crm::store {

// No value of the index differs. Most updates touch few indexes, and a text's sort key costs more
// than comparing its bytes.
bool SameValues(const record::Index& index, const record::Spans& before,
                const record::Spans& after);

// The record's key in `index`, which has `number` in the tables; empty if it has none there: it is
// not there at all, or the index is sparse.
void BuildIndexKey(const RecordKey& key, const record::Index& index, uint16_t number,
                   const std::optional<record::Spans>& spans, std::string* out);

// The key in `index_past` of an index's key that was there from `since` until `position`, which is
// later.
void BuildPastKey(const std::string& index_key, int64_t since, int64_t position, std::string* out);

// An image's fields; nullopt for none.
std::optional<record::Spans> SpansOf(std::string_view image);

}  // namespace crm::store
