#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/log/automaton.h"
#include "libs/log/record.h"
#include "libs/record/catalogue.h"
#include "libs/record/uuid.h"

// Reading a shard's projections.
namespace crm::store {

// Short number of a tenant in the keys of one store; never leaves it.
using TenantNumber = uint32_t;

struct RecordKey {
  TenantNumber tenant = 0;
  uint16_t type = 0;  // RecordType::number
  record::Uuid id;
  auto operator<=>(const RecordKey&) const = default;
};

// A part of an index, in the order of its keys: values (record/key.h), then id.
struct IndexRange {
  TenantNumber tenant = 0;
  uint16_t type = 0;
  uint16_t index = 0;
  std::string from;  // first values, or values and id; inclusive; empty: the index's beginning
  std::string to;    // exclusive; empty: the index's end
  bool reverse = false;
};

class IndexCursor {
 public:
  virtual ~IndexCursor() = default;
  virtual bool Valid() const = 0;
  virtual void Next() = 0;
  // Values and id, to go on from in a later range.
  virtual std::string_view key() const = 0;
  virtual record::Uuid id() const = 0;
};

// One row of a tenant's changes, in the order of the log.
struct Change {
  int64_t offset = 0;
  int64_t commit = 0;  // offset of the commit's last event
  uint16_t type = 0;
  record::Uuid id;
  int64_t time_us = 0;  // the tenant's clock
};

// A time at which a record wakes.
struct WakeEntry {
  std::string tenant;  // empty unless it was asked for all of them
  RecordKey key;
  uint16_t field = 0;  // which of the fields that the type's `wake` names
  int64_t due_us = 0;
};
// The times at which a record wakes, for each of these fields; 0: never.
std::vector<int64_t> WakeTimesOf(const record::RecordType& type, std::string_view image);

struct RequestEntry {
  std::string hash;      // ce_requesthash
  int64_t position = 0;  // of the commit
  int64_t recorded_time_us = 0;
};

// A tenant whose events go by themselves in a reactor, because one of them was refused.
struct ApartEntry {
  std::string tenant;
  int64_t offset = -1;  // of the newest of its events that is done
  bool parked = false;  // not until an operator says so
  std::string refusal;
};

struct TenantEntry {
  TenantNumber number = 0;
  int64_t time_us = 0;    // the tenant's clock: its last event's time
  bool loading = true;    // no event of an interactive client yet: its clock may still be set
  bool parked = false;    // an event of it could not be applied: its events are passed over since
  bool cascades = false;  // some delete or merge of it has taken more than one commit
};

inline constexpr int64_t kNow = INT64_MAX;

// Everything as it was at one position. Safe to use from one thread while the store goes on.
class View {
 public:
  virtual ~View() = default;

  // Offset after the last message that was read.
  virtual int64_t applied() const = 0;
  virtual uint64_t log_id() const = 0;

  // How far another service's partition has been read for the replicas of its records; a default
  // state: not at all.
  virtual log::Automaton::State Replicated(std::string_view service, int partition) const = 0;

  virtual std::optional<TenantEntry> Tenant(std::string_view tenant) const = 0;
  virtual std::vector<std::string> Tenants() const = 0;

  // The record's image; an empty one for a deleted record; nullopt if there never was one.
  virtual std::optional<std::string> Record(const RecordKey& key) const = 0;
  // Tells that there never was one, its id being just made: who applies its first event need not
  // look for it.
  virtual void ExpectNew(const RecordKey& key) const = 0;
  // In the order of the keys asked for.
  virtual std::vector<std::optional<std::string>> Records(
      const std::vector<RecordKey>& keys) const = 0;

  // `as_of`: a position; needs an index declared `past` unless kNow.
  virtual std::unique_ptr<IndexCursor> Scan(const IndexRange& range,
                                            int64_t as_of = kNow) const = 0;

  // The index that a Scan() since the last call was for and that is still being built, such as
  // `leads/state,rating`: what the scans gave is not to be used. Empty: there was none.
  virtual std::string TakeMissing() const = 0;

  // The record's events before an offset (exclusive), newest first.
  virtual std::vector<log::Stored> History(const RecordKey& key, int64_t before,
                                           size_t limit) const = 0;
  // Its newest event at or before a position.
  virtual std::optional<log::Stored> VersionAt(const RecordKey& key, int64_t position) const = 0;

  // Changes after an offset (exclusive), oldest first.
  virtual std::vector<Change> Changes(TenantNumber tenant, int64_t after, size_t limit) const = 0;
  // Events of the commit that ends at a position, in order.
  virtual std::vector<log::Stored> CommitAt(TenantNumber tenant, int64_t position) const = 0;
  // Position of the tenant's last commit at or before a time of its clock; -1: none.
  virtual int64_t PositionAt(TenantNumber tenant, int64_t time_us) const = 0;

  // Records whose delete, or return, takes more than one commit and is under way: those with a
  // delete_time. `ever`: those that have been at any time.
  virtual std::vector<RecordKey> Cascades(TenantNumber tenant, bool ever) const = 0;

  // Records whose merge, or whose way back from one, takes more than one commit and is under way:
  // those with a `moving_time`.
  virtual std::vector<RecordKey> Moving(TenantNumber tenant) const = 0;

  virtual std::optional<RequestEntry> Request(TenantNumber tenant,
                                              std::string_view request) const = 0;
  // Highest number applied of a numbered source; 0: none.
  virtual uint64_t Outbox(TenantNumber tenant, std::string_view source) const = 0;

  // Times of records of a tenant, or of all, up to one (inclusive), in their order.
  virtual std::vector<WakeEntry> Wakes(std::optional<TenantNumber> tenant, int64_t until_us,
                                       size_t limit) const = 0;

  // Offset of the newest event of another service's partition that a reactor here is done with; -1:
  // none.
  virtual int64_t Reached(std::string_view reactor, std::string_view service,
                          int partition) const = 0;
  virtual std::vector<ApartEntry> Apart(std::string_view reactor, std::string_view service,
                                        int partition) const = 0;
  // What PutReading was told; a default state: nothing.
  virtual log::Automaton::State Reading(std::string_view reader) const = 0;

  // SHA-256 in hex over a tenant's records, live index keys and history (by etag), each by record
  // type: `leads/record`, `leads/index/state,rating`, `leads/history`. Independent of offsets, of
  // tenant numbers, and of when and how often the projections were built.
  virtual std::map<std::string, std::string> Verify(std::string_view tenant) const = 0;
};

}  // namespace crm::store
