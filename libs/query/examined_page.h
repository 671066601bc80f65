#pragma once

#include "libs/query/read.h"

namespace crm::query {

// A page of what the moment's guard lets through of a range, found by looking at one record after
// the other. False, and an empty page, where more than `most` would have to be looked at.
bool ReadExaminedPage(const Moment& moment, const record::RecordType& type,
                      const store::IndexRange& range, size_t size, size_t most, Page* page);

// How many records of the range the guard lets through.
int64_t CountExamined(const Moment& moment, const record::RecordType& type,
                      const store::IndexRange& range);

}  // namespace crm::query
