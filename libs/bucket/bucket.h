#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "libs/record/result.h"
#include "libs/store/snapshot_place.h"

// Snapshots in a bucket of Amazon S3, or of a store that speaks its protocol. It is addressed by
// path (`endpoint/bucket/name`); requests are signed by AWS Signature Version 4, and what is sent
// is checked by its SHA-256. What fails because the store is busy or can not be reached is tried
// again for a few seconds. A file is one object, of 5 GiB at most.
namespace crm::bucket {

struct Options {
  std::string to;        // `s3://bucket`, or `s3://bucket/a/folder/in/it`
  std::string endpoint;  // `https://store.example:9000`; empty: Amazon's of the region
  std::string region;
  std::string access_key;
  std::string secret_key;
};

// Whether this is one, and no folder's path.
bool IsBucket(std::string_view to);

// An error says which of the options makes no sense; the store is not asked yet.
record::Result<std::unique_ptr<store::SnapshotPlace>> OpenBucket(const Options& options);

}  // namespace crm::bucket
