#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "libs/record/catalogue.h"
#include "libs/record/clock.h"
#include "libs/shard/command.h"
#include "libs/store/store.h"

// Deletes, merges and their ways back that take more than one commit: which are open, whose turn it
// is, and when one whose step failed is tried again. The projections know which are open, so that
// any owner goes on with them. For owners, on the shard's thread.
namespace crm::shard {

class Operations {
 public:
  // One whose last step failed.
  struct Failing {
    std::string tenant;
    std::string record;
    std::string refusal;
  };
  // As metrics and operators see them.
  struct Facts {
    uint64_t open = 0;
    uint64_t failed_steps = 0;
    std::vector<Failing> failing;
  };

  // All must outlive it.
  Operations(const record::Catalogue& catalogue, const store::Store& store,
             const record::Clock& clock)
      : catalogue_(catalogue), store_(store), clock_(clock) {}

  // Another process may have gone on with them, and what failed is tried again at once.
  void Begin();
  // A commit of the tenant is under way that begins one, goes on with it or ends it.
  void Note(const std::string& tenant) { changed_.insert(tenant); }
  // The next step of the one whose turn it is; null: none is due. `applied`: the store has
  // everything that was decided.
  std::unique_ptr<Command> Next(bool applied);
  // What became of a step. One that was refused is tried again after a pause that grows.
  void Decided(const Command& step, const record::Status& status);
  // When the next one that failed is tried again, by boottime.
  int64_t next_deadline() const;

  Facts facts() const;  // thread-safe

 private:
  struct Key {
    std::string tenant;
    uint16_t type = 0;
    record::Uuid id;
    auto operator<=>(const Key&) const = default;
  };
  struct Open {
    store::TenantNumber number = 0;
    int failures = 0;  // of the next step, in a row
    int64_t next_try = 0;
    std::string refusal;
  };

  void LookAt(const std::string& tenant);
  std::unique_ptr<Command> StepOf(const Key& key, const store::TenantEntry& tenant) const;
  std::string NameOf(const Key& key) const;
  void Publish();

  const record::Catalogue& catalogue_;
  const store::Store& store_;
  const record::Clock& clock_;
  bool all_ = true;                // any tenant may have some
  std::set<std::string> changed_;  // tenants to look at
  std::map<Key, Open> open_;
  Key last_;  // whose turn it was

  mutable std::mutex mutex_;
  Facts facts_;  // under the mutex
};

}  // namespace crm::shard
