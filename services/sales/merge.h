#pragma once

#include <algorithm>

#include "libs/shard/merge.h"

// Merging accounts, contacts and leads is the same but for the messages and for what a merged one
// is.
namespace crm::sales {

// An outcome has at most 1 KiB in the log, so lists in it are cut.
constexpr size_t kMostListed = 20;
constexpr size_t kMostConflicts = 8;

template <class Response>
void Fill(const shard::Moved& moved, Response* response) {
  for (const auto& [collection, count] : moved.records)
    (*response->mutable_moved())[collection] = count;
}

template <class Response, class Record, class Request>
shard::Refusable<Response> MergeRecords(const Request& request, typename Record::State state,
                                        typename Record::Status status, shard::Transaction& tx) {
  shard::Merging merging{tx.catalogue().FindTypeByMessage(Record::descriptor()->full_name()),
                         request.name(),
                         request.etag(),
                         request.subordinate(),
                         {request.take().paths().begin(), request.take().paths().end()},
                         state,
                         status};
  shard::Moved moved;
  record::Status done = shard::Merge(merging, tx, &moved);
  if (done.code() != record::kOk) return shard::Refusal(std::move(done));
  Response response;
  response.set_name(request.name());
  response.set_etag(tx.Get<Record>(request.name())->etag());
  response.set_subordinate(request.subordinate());
  for (size_t i = 0; i < std::min(moved.fields.size(), kMostListed); ++i)
    response.add_filled_fields(moved.fields[i]);
  response.set_moving(moved.moving);
  Fill(moved, &response);
  return response;
}

template <class Response, class Record, class Request, class Reason>
shard::Refusable<Response> UnmergeRecord(const Request& request, Reason not_merged,
                                         shard::Transaction& tx) {
  auto record = tx.Get<Record>(request.name(), request.etag());
  if (!record) return record.refusal();
  if (!record->merged()) return tx.About(shard::Refusal(not_merged), *record);
  shard::Moved moved;
  record::Status done =
      shard::Unmerge(*tx.catalogue().FindTypeByMessage(Record::descriptor()->full_name()),
                     request.name(), request.etag(), tx, &moved);
  if (done.code() != record::kOk) return shard::Refusal(std::move(done));
  Response response;
  response.set_name(request.name());
  response.set_etag(tx.Get<Record>(request.name())->etag());
  response.set_master(moved.master);
  const size_t listed = std::min(moved.conflicts.size(), kMostConflicts);
  for (size_t i = 0; i < listed; ++i) response.add_conflicts(moved.conflicts[i]);
  response.set_more_conflicts(static_cast<int>(moved.conflicts.size() - listed));
  response.set_moving(moved.moving);
  Fill(moved, &response);
  return response;
}

}  // namespace crm::sales
