#pragma once

#include <memory>
#include <string>
#include <vector>

#include "libs/record/result.h"

namespace crm::store {

// Where snapshots are kept: files by name, with slashes in it. A folder, or a bucket (libs/bucket).
class SnapshotPlace {
 public:
  virtual ~SnapshotPlace() = default;
  // A copy of a local file with this SHA-256, in hex digits, which a place may check; it is there
  // whole or not at all.
  virtual record::Result<record::Done> Put(const std::string& name, const std::string& path,
                                           const std::string& sha256) = 0;
  // Names that begin so, in their order.
  virtual record::Result<std::vector<std::string>> List(const std::string& prefix) = 0;
  // Makes a local copy.
  virtual record::Result<record::Done> Get(const std::string& name, const std::string& path) = 0;
  // It may be gone already.
  virtual record::Result<record::Done> Remove(const std::string& name) = 0;
  // The process is to end: what waits for others fails soon, and so does all that comes after.
  virtual void End() {}
};

// Created if it is missing.
std::unique_ptr<SnapshotPlace> FolderPlace(std::string folder);

}  // namespace crm::store
