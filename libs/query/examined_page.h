#pragma once

#include "libs/query/read.h"

namespace crm::query {

// A page of what the moment's guard lets through of a range, found by looking at one entry of the
// index after the other, and at its record. False, and an empty page, where more than `most` would
// have to be looked at. `among`: in order, all ids that come into question, so that other records
// are not read; null: any may.
bool ReadExaminedPage(const Moment& moment, const record::RecordType& type,
                      const store::IndexRange& range, size_t size, size_t most, Page* page,
                      const std::vector<record::Uuid>* among = nullptr);

// How many records of the range the guard lets through.
int64_t CountExamined(const Moment& moment, const record::RecordType& type,
                      const store::IndexRange& range);

}  // namespace crm::query
