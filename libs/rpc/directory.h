#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "libs/access/subject.h"
#include "libs/rpc/dispatcher.h"

namespace crm::rpc {

// The organizations that identity knows, compiled. Each is built anew when identity has said
// something new about it; until then asking costs a look-up. Thread-safe.
//
// Who owns identity's partition of the tenant asks its projections; everybody else the copies of
// identity's records that each shard keeps, which may be behind by a moment.
class Directory {
 public:
  struct Known {
    record::Status status;
    std::shared_ptr<const access::Organization> organization;  // null: it was never founded
    int64_t age_us = 0;  // for how long something that identity said may be missing
  };
  using Done = std::function<void(Known)>;

  // `max_age_us`: what is older is good for nothing.
  Directory(Host& host, const record::Catalogue& catalogue, const record::Clock& clock,
            int64_t max_age_us);

  // The organization as of now, for who is served at this place; nullopt where it must be looked
  // up. Of `wanted` the position, which is one of identity's, and the deadline count.
  std::optional<Known> FindNow(const std::string& tenant, const Place& serving,
                               const shard::ReadOptions& wanted);
  // The same, looked up; calls back once, perhaps at once.
  void Find(const std::string& tenant, const Place& serving, const shard::ReadOptions& wanted,
            Done done);
  // For how long something that identity said may be missing in what FindNow() gives; 0: it gives
  // nothing.
  int64_t AgeOf(const std::string& tenant, const Place& serving) {
    const Source source = SourceOf(tenant, serving);
    const int64_t age = source.shard == nullptr ? 0 : source.AgeAt(clock_.Boottime());
    return age > max_age_us_ ? 0 : age;
  }
  // Calls back once identity has said something since the tenant was asked for last, or after a
  // while.
  void WhenNews(const std::string& tenant, const Place& serving, std::function<void()> news);

 private:
  struct Entry {
    int64_t applied = -1;  // identity's offset up to which its events are in it
    std::shared_ptr<const access::Organization> organization;
  };
  // Where identity's records are: in its own shard, or as copies beside a service's.
  struct Source {
    shard::Shard* shard = nullptr;              // null: nobody here has to do with identity
    shard::Replication* replication = nullptr;  // null: identity's own
    bool here = false;                          // identity's own, owned by this process
    int64_t applied() const;
    uint64_t log_id() const;
    // Nothing that identity said until so long ago is missing.
    int64_t AgeAt(int64_t now) const;
    bool HasNews(const std::string& tenant, int64_t since) const;
  };
  Source SourceOf(const std::string& tenant, const Place& serving);
  shard::Replication* CopiesAt(const Place& place) const;
  void FindCopied(const std::string& tenant, const Source& source, const shard::ReadOptions& wanted,
                  const Done& done);
  Known Refreshed(const std::string& tenant, const Source& source, const store::View& view);
  Entry EntryOf(const std::string& tenant) const;

  Host& host_;
  const record::Catalogue& catalogue_;
  const record::Clock& clock_;
  const int64_t max_age_us_;
  mutable std::mutex mutex_;
  std::map<std::string, Entry, std::less<>> entries_;
};

// Says among what a call answers that rights were decided by what may have changed since.
void TellAge(int64_t identity_age_us, Metadata* initial);

// What a call may do, once it is known who calls.
struct Admission {
  record::Status status;
  std::shared_ptr<const access::Organization> organization;
  const access::Subject* subject = nullptr;  // null: everything
  std::string user;                          // `users/…`
};
// `organization` null: the tenant was never founded, and is open unless `founded_only`.
Admission Admit(const Call& call, const shard::Principal& principal,
                std::shared_ptr<const access::Organization> organization, bool founded_only);

}  // namespace crm::rpc
