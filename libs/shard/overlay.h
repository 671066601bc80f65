#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "libs/shard/command.h"
#include "libs/store/view.h"

// What has been decided and is not confirmed yet. Deciding reads through it; nobody else does.
namespace crm::shard {

// Identifies an entry of an index: tenant, type, index, values. Only indexes that deciding reads
// are followed here: unique ones and those that lead from a record to those that refer to it.
struct IndexKey {
  store::TenantNumber tenant = 0;
  uint16_t type = 0;
  uint16_t index = 0;
  std::string values;
  auto operator<=>(const IndexKey&) const = default;
};

// Identifies a time at which a record wakes, in due order.
struct WakeKey {
  store::TenantNumber tenant = 0;
  int64_t due_us = 0;
  uint16_t type = 0;
  uint16_t field = 0;  // which of the fields that the type's `wake` names
  record::Uuid id;
  auto operator<=>(const WakeKey&) const = default;
};

// A record that a commit leaves: an empty image for a deleted one.
struct Staged {
  store::RecordKey key;
  std::shared_ptr<const std::string> image;
  std::vector<IndexKey> left;     // index entries that it had and has no more
  std::vector<IndexKey> entered;  // and that it has now
  std::vector<WakeKey> wakes_left = {};
  std::vector<WakeKey> wakes_entered = {};
};

// A request that has been decided: its hash and what it is answered once it is confirmed.
struct DecidedRequest {
  std::string hash;
  uint64_t ticket = 0;
};

class Overlay {
 public:
  // The overlay's own number of a tenant, used in all its keys: the store has not numbered a new
  // tenant yet when its first commands are decided.
  store::TenantNumber Slot(std::string_view tenant);

  // The image, empty for a deleted record; null: not in the overlay.
  const std::string* Find(const store::RecordKey& key) const;
  // Corrects the ids that the store has for an index key.
  void Adjust(const IndexKey& key, std::set<record::Uuid>* ids) const;
  // Times at which records wake: whether one that the store has is gone, and those up to a time
  // (inclusive) that it does not have yet.
  bool HasLeft(const WakeKey& key) const;
  std::vector<WakeKey> Entered(store::TenantNumber tenant, int64_t until_us) const;
  const DecidedRequest* FindRequest(std::string_view tenant, std::string_view request) const;
  uint64_t Outbox(std::string_view tenant, std::string_view source) const;  // 0: none
  int64_t TenantTime(std::string_view tenant) const;                        // 0: none
  bool Interactive(std::string_view tenant) const;

  // Takes in a commit. Records and index keys carry the tenant's slot.
  void Add(uint64_t ticket, const std::vector<Staged>& staged, const Command& command,
           int64_t time_us);
  // Forgets what is confirmed; the store has it.
  void Drop(uint64_t confirmed);
  void Clear();
  size_t records() const { return records_.size(); }

 private:
  struct RecordEntry {
    std::shared_ptr<const std::string> image;
    uint64_t ticket;
  };
  struct IndexChange {
    record::Uuid id;
    bool entered;
  };
  // Of one key, in the order of their commits. Those in front are gone: where a key is in use all
  // the time, taking out each by itself would move all that are behind it.
  struct IndexChanges {
    std::vector<IndexChange> all;
    size_t gone = 0;
  };
  using Indexes = std::map<IndexKey, IndexChanges>;
  struct WakeChange {
    bool entered;
    uint64_t ticket;
  };
  struct Undo {  // what Drop has to look at for one commit
    uint64_t ticket;
    std::vector<store::RecordKey> records;
    std::vector<Indexes::iterator> indexes;  // one for each change, so it is there until then
    std::vector<WakeKey> wakes;
    std::string request;  // tenant, 0, request id; empty: none
    std::string outbox;
    std::string tenant;
  };
  struct TenantClock {
    int64_t time_us = 0;
    bool interactive = false;
    uint64_t ticket = 0;
  };
  void AddChange(const IndexKey& key, const IndexChange& change, Undo* undo);
  void DropChange(Indexes::iterator of);

  struct HashId {
    size_t operator()(const store::RecordKey& key) const {
      return std::hash<std::string_view>()(key.id.Bytes());
    }
  };
  std::unordered_map<store::RecordKey, RecordEntry, HashId> records_;
  Indexes indexes_;
  std::map<WakeKey, WakeChange> wakes_;  // the newest one of each
  std::unordered_map<std::string, DecidedRequest> requests_;
  std::unordered_map<std::string, std::pair<uint64_t, uint64_t>> outboxes_;  // number, ticket
  std::unordered_map<std::string, TenantClock> clocks_;
  std::unordered_map<std::string, store::TenantNumber> slots_;
  std::deque<Undo> undo_;  // by ticket
};

}  // namespace crm::shard
