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
// Replicas have no list of changes: looking for some is reading all of them.
constexpr int64_t kLookAgainUs = 250'000;

record::Status TooOld() {
  return record::Unavailable("IDENTITY_TOO_OLD",
                             "What is known here of users and roles is too old to decide by.", 1'000);
}

}  // namespace

Directory::Directory(Host& host, const record::Catalogue& catalogue, const record::Clock& clock,
                     int64_t max_age_us)
    : host_(host), catalogue_(catalogue), clock_(clock), max_age_us_(max_age_us) {}

int64_t Directory::Source::applied() const {
  return replication != nullptr ? replication->applied() : shard->applied();
}

int64_t Directory::Source::AgeAt(int64_t now) const {
  if (replication == nullptr && here) return 0;
  const int64_t as_of =
      replication != nullptr ? replication->current_as_of() : shard->current_as_of();
  return as_of > 0 ? std::max<int64_t>(now - as_of, 0) : INT64_MAX;
}

Directory::Source Directory::SourceOf(const std::string& tenant, const Place& serving) {
  const Place identity = host_.Find(kIdentity, tenant);
  if (identity.here) return {identity.shard, nullptr, true};
  if (serving.shard != nullptr) {
    for (const auto& replication : serving.shard->replications()) {
      if (replication->source().service == kIdentity && replication->source().whole)
        return {serving.shard, replication.get(), serving.here};
    }
  }
  return {identity.shard, nullptr, false};
}

std::optional<Directory::Entry> Directory::EntryOf(const std::string& tenant) {
  std::lock_guard lock(mutex_);
  auto found = entries_.find(tenant);
  return found == entries_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<Directory::Known> Directory::FindNow(const std::string& tenant, const Place& serving,
                                                   int64_t min_position) {
  const Source source = SourceOf(tenant, serving);
  // Nobody here has to do with identity.
  if (source.shard == nullptr) return Known{};
  const int64_t now = clock_.Boottime();
  const int64_t age = source.AgeAt(now);
  if (source.replication == nullptr && source.here && !source.shard->owning()) return std::nullopt;
  std::lock_guard lock(mutex_);
  auto found = entries_.find(tenant);
  if (found == entries_.end() || found->second.applied <= min_position) return std::nullopt;
  const bool same = found->second.applied == source.applied();
  const bool looked = source.replication != nullptr && now - found->second.looked_at < kLookAgainUs;
  if (!same && !looked) return std::nullopt;
  if (age > max_age_us_) return Known{TooOld(), nullptr, age};
  return Known{{}, found->second.organization, age};
}

void Directory::Find(const std::string& tenant, const Place& serving, int64_t min_position,
                     Done done) {
  const Source source = SourceOf(tenant, serving);
  if (source.shard == nullptr) return done({});
  shard::ReadOptions read;
  if (!source.here) read.max_staleness_us = max_age_us_;
  auto look = [this, tenant, source, read, min_position, done = std::move(done)] {
    source.shard->Read(read, [this, tenant, source, min_position,
                              done](const shard::ReadResult& result) {
      done(Refreshed(tenant, source, result, min_position));
    });
  };
  if (source.replication == nullptr || source.replication->applied() > min_position) return look();
  source.replication->WhenAfter(min_position, std::move(look));
}

Directory::Entry Directory::Read(const Source& source, const std::string& tenant,
                                 const store::View& view, Entry entry) const {
  const auto number = view.Tenant(tenant);
  const bool known = entry.applied >= 0;
  bool news = number && (!known || source.replication != nullptr ||
                         !view.Changes(number->number, entry.applied - 1, 1).empty());
  if (news && source.replication != nullptr) {
    std::string hash = access::HashOf(view, number->number, catalogue_);
    news = hash != entry.description;
    entry.description = std::move(hash);
  }
  if (news) {
    entry.organization = access::IsFounded(view, number->number, catalogue_)
                             ? std::make_shared<const access::Organization>(
                                   access::Describe(view, number->number, catalogue_))
                             : nullptr;
  }
  return entry;
}

Directory::Known Directory::Refreshed(const std::string& tenant, const Source& source,
                                      const shard::ReadResult& result, int64_t min_position) {
  if (!result.view) return {result.status, nullptr, 0};
  const store::View& view = *result.view;
  const int64_t now = clock_.Boottime();
  const int64_t age = source.AgeAt(now);
  const int64_t applied =
      source.replication == nullptr
          ? view.applied()
          : view.Replicated(kIdentity, source.replication->source().partition).next;
  if (age > max_age_us_) return {TooOld(), nullptr, age};
  if (applied <= min_position) {
    return {record::Unavailable("IDENTITY_BEHIND",
                                "What identity said at the position has not arrived here.", 100),
            nullptr, age};
  }
  Entry entry = Read(source, tenant, view, EntryOf(tenant).value_or(Entry()));
  // Somebody may have seen more in the meantime.
  entry.applied = std::max(entry.applied, applied);
  entry.looked_at = now;
  std::lock_guard lock(mutex_);
  Entry& latest = entries_[tenant];
  if (latest.applied <= applied) latest = entry;
  return {{}, entry.organization, age};
}

void Directory::WhenNews(const std::string& tenant, const Place& serving,
                         std::function<void()> news) {
  const Source source = SourceOf(tenant, serving);
  if (source.shard == nullptr) return;
  const auto entry = EntryOf(tenant);
  const int64_t position = entry ? entry->applied - 1 : source.applied() - 1;
  if (source.replication != nullptr) {
    source.replication->WhenAfter(position, std::move(news));
  } else {
    source.shard->WhenAfter(position, std::move(news));
  }
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
