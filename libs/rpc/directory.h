#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "libs/access/subject.h"
#include "libs/rpc/dispatcher.h"

namespace crm::rpc {

// The organizations that identity knows, compiled. Each is built anew when identity has said
// something new about it; until then asking costs a look-up. Thread-safe.
class Directory {
 public:
  using Done =
      std::function<void(record::Status, std::shared_ptr<const access::Organization> organization)>;

  Directory(Host& host, const record::Catalogue& catalogue, const record::Clock& clock);

  // Calls back, mostly at once, with the organization as of now; null: it was never founded. Where
  // identity can not be asked, what was known is good for five minutes.
  void Find(const std::string& tenant, Done done);
  // Calls back once identity has said something since the tenant was asked for last, or after 30 s.
  void WhenNews(const std::string& tenant, std::function<void()> news);

 private:
  struct Entry {
    int64_t applied = -1;  // identity's position up to which it was looked for news
    int64_t checked_at = 0;
    std::shared_ptr<const access::Organization> organization;
  };
  // Whether what was current at this boottime is still good.
  bool IsFresh(int64_t as_of) const;
  void Refresh(const std::string& tenant, shard::ReadResult result, const Done& done);

  Host& host_;
  const record::Catalogue& catalogue_;
  const record::Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Entry, std::less<>> entries_;
};

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
