#include "libs/rpc/directory.h"

#include <algorithm>

#include "libs/access/guard.h"
#include "libs/access/load.h"
#include "libs/record/name.h"
#include "libs/rpc/caller.h"

namespace crm::rpc {
namespace {

constexpr std::string_view kIdentity = "identity";
constexpr std::string_view kFound = "/crm.identity.v1.Tenants/FoundTenant";
constexpr std::string_view kResume = "/crm.identity.v1.Tenants/ResumeTenant";
constexpr int64_t kStaleUs = 300LL * 1'000'000;

}  // namespace

Directory::Directory(Host& host, const record::Catalogue& catalogue, const record::Clock& clock)
    : host_(host), catalogue_(catalogue), clock_(clock) {}

void Directory::Find(const std::string& tenant, Done done) {
  const Place place = host_.Find(kIdentity, tenant);
  if (place.partition < 0) return done({}, nullptr);
  shard::Shard* shard = place.shard;
  // A standby of identity knows what it knows until it is too old.
  const bool fresh = place.here ? shard->owning() : IsFresh(shard->current_as_of());
  {
    std::unique_lock lock(mutex_);
    auto found = entries_.find(tenant);
    if (fresh && found != entries_.end() && found->second.applied == shard->applied()) {
      auto known = found->second.organization;
      lock.unlock();
      return done({}, std::move(known));
    }
  }
  shard::ReadOptions read;
  if (!place.here) read.max_staleness_us = kStaleUs;
  shard->Read(read, [this, tenant, done = std::move(done)](shard::ReadResult result) {
    Refresh(tenant, std::move(result), done);
  });
}

bool Directory::IsFresh(int64_t as_of) const {
  return as_of > 0 && clock_.Boottime() - as_of <= kStaleUs;
}

void Directory::Refresh(const std::string& tenant, shard::ReadResult result, const Done& done) {
  Entry entry;
  bool known = false;
  {
    std::lock_guard lock(mutex_);
    auto found = entries_.find(tenant);
    known = found != entries_.end();
    if (known) entry = found->second;
  }
  if (!result.view) {
    return known && IsFresh(entry.checked_at) ? done({}, entry.organization)
                                              : done(std::move(result.status), nullptr);
  }
  const store::View& view = *result.view;
  const auto number = view.Tenant(tenant);
  const bool news =
      number && (!known || !view.Changes(number->number, entry.applied - 1, 1).empty());
  if (news) {
    entry.organization = access::IsFounded(view, number->number, catalogue_)
                             ? std::make_shared<const access::Organization>(
                                   access::Describe(view, number->number, catalogue_))
                             : nullptr;
  }
  entry.applied = view.applied();
  entry.checked_at = clock_.Boottime();
  {
    std::lock_guard lock(mutex_);
    Entry& latest = entries_[tenant];
    // Somebody may have seen more in the meantime.
    if (latest.applied <= entry.applied) latest = entry;
  }
  done({}, entry.organization);
}

void Directory::WhenNews(const std::string& tenant, std::function<void()> news) {
  shard::Shard* shard = host_.Find(kIdentity, tenant).shard;
  if (shard == nullptr) return;
  int64_t position = shard->applied() - 1;
  {
    std::lock_guard lock(mutex_);
    auto found = entries_.find(tenant);
    if (found != entries_.end()) position = found->second.applied - 1;
  }
  shard->WhenAfter(position, std::move(news));
}

Admission Admit(const Call& call, const shard::Principal& principal,
                std::shared_ptr<const access::Organization> organization, bool founded_only) {
  Admission admission;
  admission.user = principal.user;
  if (!organization) {
    if (founded_only && call.path != kFound) {
      admission.status = record::MakeStatus(record::kUnauthenticated, "UNKNOWN_TENANT",
                                            "No organization of this name was founded.");
    }
    return admission;
  }
  std::string sign_in_name(rpc::Find(call.metadata, "crm-user"));
  std::transform(sign_in_name.begin(), sign_in_name.end(), sign_in_name.begin(), [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? char(letter + 32) : letter;
  });
  auto user = organization->FindUser(sign_in_name);
  if (user == access::Organization::kNone) {
    auto name = record::Name::Parse(principal.user);
    if (name) user = organization->FindUser(name->id);
  }
  if (user == access::Organization::kNone) {
    admission.status =
        record::MakeStatus(record::kUnauthenticated, "UNKNOWN_USER", "There is no such user.");
    return admission;
  }
  const access::Subject& subject = organization->SubjectOf(user);
  const bool resumes = subject.administrator() && call.path == kResume &&
                       subject.gate() == access::Gate::kTenantSuspended;
  if (subject.gate() != access::Gate::kOpen && !resumes)
    admission.status = access::Closed(subject.gate());
  admission.user = "users/" + subject.id().Text();
  // Who resumes a suspended organization is stopped by its gate like everybody, but for this.
  admission.subject = resumes ? nullptr : &subject;
  admission.organization = std::move(organization);
  return admission;
}

}  // namespace crm::rpc
