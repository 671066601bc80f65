#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "libs/log/log.h"
#include "libs/record/catalogue.h"
#include "libs/record/result.h"
#include "libs/store/manifest.h"
#include "libs/store/snapshot_place.h"
#include "libs/store/store.h"

namespace crm::store {

// One shard's snapshots: its tables as they were at a position, so that a new machine need not read
// the whole log. Nothing rests on them: one that does not fit, or is damaged, is passed over.
//
//   <prefix>/<taker>/<position, 20 digits>.manifest
//   <prefix>/<taker>/files/<sha256>
//
// Whoever takes them has a folder of its own, in which nobody else removes anything. Without a name
// that is <prefix> itself.
class Snapshots {
 public:
  // `prefix` is the shard's name in the place, such as `sales/2`; `taker` that of the process, if
  // others may take snapshots of the same shard; the newest `keep` of its own are kept.
  Snapshots(SnapshotPlace& place, std::string prefix, const std::string& taker, size_t keep);

  // Puts the tables of this moment there; their position, or that of the snapshot that is there
  // already if nothing was applied since. From any thread, but one at a time.
  record::Result<int64_t> Take(const Store& store);

  // A folder without a store gets the newest snapshot, whoever took it, that was built from the
  // same declarations, belongs to this log, and is whole; its position. nullopt: there is none, or
  // a store is there. `say` is told why one was passed over.
  using Say = std::function<void(const std::string&)>;
  std::optional<int64_t> Restore(const StoreOptions& options, const record::Catalogue& catalogue,
                                 log::Log& log, int partition, const Say& say);

 private:
  record::Result<Manifest> Read(const std::string& name, const std::string& folder);
  std::string WhyNot(const Manifest& manifest, const StoreOptions& options,
                     const record::Catalogue& catalogue, log::Log& log, int partition) const;
  record::Result<record::Done> Fetch(const Manifest& manifest, const std::string& name,
                                     const std::string& folder);
  record::Result<record::Done> PutFiles(const std::string& folder, Manifest* manifest);
  record::Result<record::Done> RemoveOld(const std::string& folder);
  // Those of everybody, the newest last; and those in its own folder.
  record::Result<std::vector<std::string>> Manifests();
  record::Result<std::vector<std::string>> OwnManifests();
  std::string FileName(const std::string& sha256) const { return own_ + "/files/" + sha256; }

  SnapshotPlace& place_;
  const std::string prefix_;
  const std::string own_;
  const size_t keep_;
  std::map<std::string, std::string> known_;  // hashes of files that never change, by identity
};

}  // namespace crm::store
