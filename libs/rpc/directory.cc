#include "libs/rpc/directory.h"

#include <algorithm>
#include <utility>

#include "libs/access/denial.h"
#include "libs/access/load.h"
#include "libs/record/name.h"
#include "libs/rpc/caller.h"

namespace crm::rpc {
namespace {

constexpr std::string_view kIdentity = "identity";
constexpr std::string_view kFound = "/crm.identity.v1.Tenants/FoundTenant";
// What whoever may do everything can still do in a suspended organization: find it, and resume it.
constexpr std::string_view kOfSuspended[] = {"/crm.identity.v1.Tenants/GetTenant",
                                             "/crm.identity.v1.Tenants/ListTenants",
                                             "/crm.identity.v1.Tenants/ResumeTenant"};
constexpr int kRetryMs = 1'000;

record::Status TooOld() {
  return record::Unavailable("IDENTITY_TOO_OLD",
                             "What is known here of users and roles is too old to decide by.",
                             kRetryMs);
}

record::Status NotReached(shard::Readers::Why why) {
  if (why == shard::Readers::Why::kStopped)
    return record::Unavailable("STOPPING", "The process is stopping.", kRetryMs);
  return record::MakeStatus(record::kDeadlineExceeded, "POSITION_NOT_REACHED",
                            "Identity's position was not reached in time.");
}

record::Status OfAnotherLog(std::string_view field) {
  return record::InvalidArgument({{std::string(field), "POSITION_OF_ANOTHER_LOG",
                                   "The position was given out by another log of identity."}});
}

}  // namespace

Directory::Directory(Host& host, const record::Catalogue& catalogue, const record::Clock& clock,
                     int64_t max_age_us)
    : host_(host), catalogue_(catalogue), clock_(clock), max_age_us_(max_age_us) {}

int64_t Directory::Source::applied() const {
  return replication != nullptr ? replication->applied() : shard->applied();
}

uint64_t Directory::Source::log_id() const {
  return replication != nullptr ? replication->log_id() : shard->log_id();
}

int64_t Directory::Source::AgeAt(int64_t now) const {
  if (here) return 0;
  const int64_t as_of =
      replication != nullptr ? replication->current_as_of() : shard->current_as_of();
  return as_of > 0 ? std::max<int64_t>(now - as_of, 0) : INT64_MAX;
}

// What others of identity's tenants do need not be looked at.
bool Directory::Source::HasNews(const std::string& tenant, int64_t since) const {
  if (applied() <= since) return false;
  return replication == nullptr || replication->ChangedAt(tenant) > since;
}

shard::Replication* Directory::CopiesAt(const Place& place) const {
  if (place.shard == nullptr) return nullptr;
  for (const auto& replication : place.shard->replications()) {
    const shard::Source& source = replication->source();
    if (source.service == kIdentity && source.whole) return replication.get();
  }
  return nullptr;
}

Directory::Source Directory::SourceOf(const std::string& tenant, const Place& serving) {
  const Place identity = host_.Find(kIdentity, tenant);
  if (identity.here) return {identity.shard, nullptr, true};
  if (auto* copies = CopiesAt(serving)) return {serving.shard, copies, false};
  if (identity.shard != nullptr) return {identity.shard, nullptr, false};
  // A call that goes nowhere in particular is decided by what any service here knows.
  for (const std::string& service : host_.Services()) {
    const Place place = host_.Find(service, tenant);
    if (auto* copies = CopiesAt(place)) return {place.shard, copies, false};
  }
  return {};
}

Directory::Entry Directory::EntryOf(const std::string& tenant) const {
  std::lock_guard lock(mutex_);
  const auto found = entries_.find(tenant);
  return found == entries_.end() ? Entry() : found->second;
}

std::optional<Directory::Known> Directory::FindNow(const std::string& tenant, const Place& serving,
                                                   const shard::ReadOptions& wanted) {
  const Source source = SourceOf(tenant, serving);
  if (source.shard == nullptr) return Known{};
  const bool own = source.replication == nullptr;
  if (own && source.here && !source.shard->owning()) return std::nullopt;
  const int64_t age = source.AgeAt(clock_.Boottime());
  Entry entry = EntryOf(tenant);
  if (entry.applied < 0 || source.HasNews(tenant, entry.applied)) return std::nullopt;
  if (wanted.min_position >= 0 &&
      (source.log_id() != wanted.log_id || source.applied() <= wanted.min_position)) {
    return std::nullopt;
  }
  if (age > max_age_us_) return Known{TooOld(), nullptr, age};
  return Known{{}, std::move(entry.organization), age};
}

void Directory::Find(const std::string& tenant, const Place& serving,
                     const shard::ReadOptions& wanted, Done done) {
  const Source source = SourceOf(tenant, serving);
  if (source.shard == nullptr) return done({});
  if (source.replication != nullptr) return FindCopied(tenant, source, wanted, done);
  shard::ReadOptions read = wanted;
  if (!source.here) read.max_staleness_us = max_age_us_;
  source.shard->Read(read, [this, tenant, source,
                            done = std::move(done)](const shard::ReadResult& result) {
    done(result.view ? Refreshed(tenant, source, *result.view) : Known{result.status, nullptr, 0});
  });
}

void Directory::FindCopied(const std::string& tenant, const Source& source,
                           const shard::ReadOptions& wanted, const Done& done) {
  if (wanted.min_position < 0) return done(Refreshed(tenant, source, *source.shard->Copies()));
  if (source.log_id() != 0 && source.log_id() != wanted.log_id)
    return done({OfAnotherLog(wanted.position_field), nullptr, 0});
  source.replication->WhenReached(wanted.min_position, wanted.deadline,
                                  [this, tenant, source, done](shard::Readers::Why why) {
                                    done(why == shard::Readers::Why::kApplied
                                             ? Refreshed(tenant, source, *source.shard->Copies())
                                             : Known{NotReached(why), nullptr, 0});
                                  });
}

Directory::Known Directory::Refreshed(const std::string& tenant, const Source& source,
                                      const store::View& view) {
  const int64_t age = source.AgeAt(clock_.Boottime());
  if (age > max_age_us_) return {TooOld(), nullptr, age};
  const bool copied = source.replication != nullptr;
  const int64_t applied =
      copied ? view.Replicated(kIdentity, source.replication->source().partition).next
             : view.applied();
  Entry entry = EntryOf(tenant);
  // Somebody has seen more in the meantime.
  if (entry.applied > applied) return {{}, std::move(entry.organization), age};
  const auto number = view.Tenant(tenant);
  const bool news = number && (entry.applied < 0 || copied ||
                               !view.Changes(number->number, entry.applied - 1, 1).empty());
  if (news) {
    entry.organization = access::IsFounded(view, number->number, catalogue_)
                             ? std::make_shared<const access::Organization>(
                                   access::Describe(view, number->number, catalogue_))
                             : nullptr;
  }
  entry.applied = applied;
  std::lock_guard lock(mutex_);
  Entry& latest = entries_[tenant];
  if (latest.applied <= applied) latest = entry;
  return {{}, std::move(entry.organization), age};
}

void Directory::WhenNews(const std::string& tenant, const Place& serving,
                         std::function<void()> news) {
  const Source source = SourceOf(tenant, serving);
  if (source.shard == nullptr) return;
  const Entry entry = EntryOf(tenant);
  const int64_t position = (entry.applied >= 0 ? entry.applied : source.applied()) - 1;
  if (source.replication != nullptr) {
    source.replication->WhenAfter(position, std::move(news));
  } else {
    source.shard->WhenAfter(position, std::move(news));
  }
}

void TellAge(int64_t identity_age_us, Metadata* initial) {
  constexpr int64_t kSecond = 1'000'000, kWorthTelling = 10 * kSecond;
  if (identity_age_us <= kWorthTelling) return;
  initial->push_back({"crm-identity-age", std::to_string(identity_age_us / kSecond)});
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
  const auto* end = std::end(kOfSuspended);
  const bool resumes = subject.administrator() &&
                       std::find(std::begin(kOfSuspended), end, call.path) != end &&
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
