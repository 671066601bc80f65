#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "libs/record/catalogue.h"
#include "libs/record/clock.h"
#include "libs/shard/behaviour.h"
#include "libs/shard/overlay.h"
#include "libs/shard/own_command.h"
#include "libs/store/store.h"

// Wakes records when a time in them is reached (X4): a firing changes that time in its own commit,
// and whether it is due is looked at again when it is decided. For owners, on the shard's thread.
namespace crm::shard {

class Timers {
 public:
  // As metrics see them.
  struct Facts {
    uint64_t fired = 0;
    uint64_t refused = 0;
    int64_t late_us = 0;      // of all that fired, together
    int64_t next_due_us = 0;  // by the wall clock; 0: nothing waits
  };

  // All must outlive it.
  Timers(const record::Catalogue& catalogue, const std::string& service,
         const Behaviours& behaviours, const store::Store& store, Overlay& overlay,
         const record::Clock& clock, Deciding deciding);

  // Everything of the tenant that is due at or before a time, in due order: before something else
  // of it is decided at that time. False if there was nothing.
  bool FireDue(const std::string& tenant, record::Instant until);
  // The next one that is due by the clock, whosever it is; false if there is none.
  // `applied`: how far the store is.
  bool FireNext(int64_t applied);
  // What was refused is tried again at once, by whoever is the owner now.
  void Begin();
  int64_t next_deadline() const;

  Facts facts() const;  // thread-safe

 private:
  struct Refused {
    int times = 0;
    int64_t next_try = 0;  // boottime
  };

  const BoundWake* CodeOf(const WakeKey& key) const;
  bool MayFire(const WakeKey& key, int64_t now) const;
  bool Loading(const std::string& tenant) const;
  WakeKey KeyOf(const store::WakeEntry& entry) const;
  // The first one of a tenant, or of all if there is no name, that the store has and that may fire.
  std::optional<store::WakeEntry> FirstStored(const std::string& tenant, record::Instant until,
                                              int64_t now) const;
  std::optional<WakeKey> FirstOf(const std::string& tenant, record::Instant until,
                                 int64_t now) const;
  void Fire(const std::string& tenant, const WakeKey& key);

  const record::Catalogue& catalogue_;
  const Behaviours& behaviours_;
  const store::Store& store_;
  Overlay& overlay_;
  const record::Clock& clock_;
  const Deciding deciding_;
  const bool any_;  // some type of the service wakes
  std::map<WakeKey, Refused> refused_;
  int64_t looked_at_ = -1;          // what had been applied when the next one was looked for
  int64_t next_due_ = INT64_MAX;    // that one
  int64_t next_retry_ = INT64_MAX;  // boottime

  std::atomic<uint64_t> fired_{0};
  std::atomic<uint64_t> times_refused_{0};
  std::atomic<int64_t> late_us_{0};
  std::atomic<int64_t> next_due_us_{0};
};

}  // namespace crm::shard
