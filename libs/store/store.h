#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libs/log/owner.h"
#include "libs/record/catalogue.h"
#include "libs/record/result.h"
#include "libs/store/disk.h"
#include "libs/store/followed.h"
#include "libs/store/mutations.h"
#include "libs/store/view.h"

namespace crm::store {

struct StoreOptions {
  std::string path;  // a folder of its own
  std::shared_ptr<Disk> disk = Disk::Real();
  size_t memory_bytes = 64 << 20;  // of write buffers
  // A store that is so many messages behind the end of its log is loaded: it gathers pieces of so
  // many bytes, and readers see nothing of what is gathered.
  int64_t load_from_messages = 50'000;
  size_t load_bytes = 64 << 20;
  [[no_unique_address]] Mutations mutations;
  // Whose records it holds; empty: those of all services in the catalogue.
  std::string service;
  std::vector<Followed> followed;
};

// The part of a store that another service's log is read into.
class Replicas : public log::Projection {
 public:
  // Events since it was opened of which this program knows nothing: they are passed over.
  virtual uint64_t skipped() const = 0;
  // The tenants of which something has been applied since this was asked last.
  virtual std::set<std::string> TakeChanged() = 0;
};

// One shard's projections: a RocksDB without its WAL. After a crash it stands at an earlier
// position and continues from the log; deleting its folder loses nothing. What was not flushed is
// lost when it is destroyed, as if the process had crashed. Views and cursors keep the folder open,
// so they must be gone before it is opened again.
//
// One thread calls Load, Expect, Apply, Clear, Flush and latest, of the replicas too; the others
// are for any.
class Store : public log::Projection {
 public:
  // An index that is declared now and was not when the store was built is built in the background;
  // one that is not any more is removed. A store that differs in more is emptied, so that it is
  // built anew; one that a newer release wrote is refused.
  static record::Result<std::unique_ptr<Store>> Open(const StoreOptions& options,
                                                     const record::Catalogue& catalogue);

  // Where the commits of a followed service's partition go; gone with the store. `whole`: of all
  // the partition's tenants, else only of those that are kept everywhere.
  virtual std::unique_ptr<Replicas> ReplicasOf(std::string_view service, int partition,
                                               bool whole) = 0;

  // Remembers how far a reader of some log has come; a default state forgets it.
  virtual void PutReading(std::string_view reader, const log::Automaton::State& state) = 0;

  // Removes everything: the store starts from nothing.
  virtual void Clear() = 0;
  // Everything applied so far is on disk when it returns.
  virtual void Flush() = 0;
  // A consistent state of this moment.
  virtual std::unique_ptr<View> Snapshot() const = 0;
  // What has been applied, moving on as more is; for the thread that applies.
  virtual const View& latest() const = 0;
  // Offset after the last message that readers see the effects of. While it is loaded, that is not
  // all that was applied.
  virtual int64_t applied() const = 0;
  // How far a load is that is under way.
  struct Loading {
    int64_t from = 0;  // where it began
    int64_t next = 0;  // read up to here, and written soon
    int64_t end = 0;   // of the log, as far as it is known
    double seconds = 0;
  };
  virtual std::optional<Loading> loading() const = 0;
  // Indexes that are being built in the background, because they were declared since the store was
  // built, or wait for it. What needs one is refused (View::TakeMissing).
  struct Building {
    std::string index;  // `leads/state,rating`
    Loading progress;
  };
  virtual std::vector<Building> building() const = 0;
  virtual const std::string& path() const = 0;
  // Puts a copy of what is shown now into a new folder on the same disk, which shares the files
  // with it. From any thread.
  virtual record::Result<record::Done> Checkpoint(const std::string& folder) const = 0;
  // Tenants whose events are passed over since one of them ended the process twice; any thread.
  virtual uint64_t parked() const = 0;
  // Events since it was opened that belong to no record type of the service, or to no record.
  // They are in the log and nowhere else.
  virtual uint64_t skipped() const = 0;
};

// Of the copy that Checkpoint() made: what it was built from (layout.h), and how far it is.
record::Result<record::Done> ReadCheckpoint(const std::string& folder, std::string* layout,
                                            log::Automaton::State* state);
// Why a store that was built from this layout would be emptied or refused; empty: it would not.
std::string WhyNotOpened(std::string_view layout, const StoreOptions& options,
                         const record::Catalogue& catalogue);

}  // namespace crm::store
