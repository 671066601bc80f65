#include "libs/rpc/watch.h"

#include <atomic>
#include <deque>
#include <mutex>

#include "libs/query/read.h"
#include "libs/record/check.h"
#include "libs/rpc/caller.h"
#include "libs/rpc/peers.h"
#include "libs/rpc/sight.h"
#include "libs/rpc/watched.h"

namespace crm::rpc {
namespace {

constexpr size_t kChangesAtOnce = 128;

class Watch final : public Stream, public std::enable_shared_from_this<Watch> {
 public:
  Watch(Watcher watcher, const shard::ReadOptions& read, bool initial_state, int64_t after,
        bool from_now, bool until_now)
      : call_(std::move(watcher.call)),
        founded_only_(watcher.founded_only),
        route_(std::move(watcher.route)),
        catalogue_(watcher.catalogue),
        directory_(watcher.directory),
        read_(read),
        wanted_(IdentityPositionOf(call_, route_.place.service, {})),
        initial_state_(initial_state),
        after_(after),
        from_now_(from_now),
        until_now_(until_now) {}

  void Initial(std::function<void(std::optional<Metadata>)> done) override {
    Metadata initial;
    TellAge(directory_.AgeOf(route_.principal.tenant, route_.place), &initial);
    done(std::move(initial));
  }

  void Next(std::function<void(Item)> done) override {
    {
      std::lock_guard lock(mutex_);
      waiting_ = std::move(done);
    }
    Go();
  }

  void Cancel() override {
    {
      std::lock_guard lock(mutex_);
      cancelled_ = true;
    }
    Go();
  }

 private:
  // Delivers what is ready, or looks for more.
  void Go() {
    std::function<void(Item)> deliver;
    Item item;
    {
      std::lock_guard lock(mutex_);
      if (!waiting_) return;
      if (cancelled_) {
        item = End(Cancelled());
      } else if (!ready_.empty()) {
        item.message = std::move(ready_.front());
        ready_.pop_front();
      } else if (reading_) {
        return;
      } else {
        reading_ = true;
      }
      if (!reading_ || item.end || !item.message.empty())
        deliver = std::exchange(waiting_, nullptr);
    }
    if (deliver) {
      deliver(std::move(item));
      return;
    }
    auto decide = [self = shared_from_this()](Directory::Known known) {
      self->wanted_.min_position = -1;  // reached
      if (self->StillAllowed(known.status, std::move(known.organization))) self->Read();
    };
    const std::string& tenant = route_.principal.tenant;
    if (auto known = directory_.FindNow(tenant, route_.place, wanted_))
      return decide(std::move(*known));
    directory_.Find(tenant, route_.place, wanted_, std::move(decide));
  }

  void Read() {
    route_.shard()->Read(read_, [self = shared_from_this()](shard::ReadResult result) {
      self->Fill(std::move(result));
    });
  }

  // Takes the organization as it is by now; ends the watch if its caller may not watch, or if its
  // rights have changed.
  bool StillAllowed(record::Status status,
                    std::shared_ptr<const access::Organization> organization) {
    if (status.code() == record::kOk && !admitted_)
      status = Admitted(std::move(organization));
    else if (status.code() == record::kOk && organization != route_.organization)
      status = Compared(std::move(organization));
    if (status.code() == record::kOk) return true;
    // Identity's partition, which this process was the owner of, is being handed over.
    const bool elsewhere = record::ReasonOf(status) == kNotServing;
    Refuse(std::move(status), elsewhere);
    return false;
  }

  // Ends the watch, here at least.
  void Refuse(record::Status status, bool elsewhere) {
    std::function<void(Item)> deliver;
    {
      std::lock_guard lock(mutex_);
      reading_ = false;
      deliver = std::exchange(waiting_, nullptr);
    }
    if (!deliver) return;
    Item item = End(std::move(status));
    if (elsewhere) item.elsewhere = AnswerElsewhere(route_.place).elsewhere;
    deliver(std::move(item));
  }

  record::Status Admitted(std::shared_ptr<const access::Organization> organization) {
    Admission admission = Admit(call_, route_.principal, std::move(organization), founded_only_);
    if (admission.status.code() != record::kOk) return std::move(admission.status);
    admitted_ = true;
    route_.principal.user = std::move(admission.user);
    route_.organization = std::move(admission.organization);
    route_.subject = admission.subject;
    return CheckListed(route_);
  }

  record::Status Compared(std::shared_ptr<const access::Organization> organization) {
    const auto user = organization && route_.subject != nullptr
                          ? organization->FindUser(route_.subject->id())
                          : access::Organization::kNone;
    if (user == access::Organization::kNone ||
        organization->SubjectOf(user).fingerprint() != route_.subject->fingerprint()) {
      return record::MakeStatus(record::kAborted, "RIGHTS_CHANGED",
                                "The caller's rights have changed; begin anew.");
    }
    route_.subject = &organization->SubjectOf(user);
    route_.organization = std::move(organization);
    return {};
  }

  // Something new in identity may end it.
  void AwaitNews() {
    if (awaiting_news_.exchange(true)) return;
    directory_.WhenNews(route_.principal.tenant, route_.place,
                        [self = std::weak_ptr(shared_from_this())] {
                          auto watch = self.lock();
                          if (!watch) return;
                          watch->awaiting_news_ = false;
                          watch->Go();
                        });
  }

  void Fill(shard::ReadResult result) {
    if (!result.view) return Refuse(std::move(result.status), result.not_served);
    read_.min_position = -1;  // reached
    const bool found = FillFrom(std::move(result.view));
    bool cancelled = false;
    std::function<void(Item)> deliver;
    {
      std::lock_guard lock(mutex_);
      reading_ = false;
      cancelled = cancelled_;
      if (until_now_ && !found && !cancelled) deliver = std::exchange(waiting_, nullptr);
    }
    if (deliver) {
      deliver(End({}));
      return;
    }
    if (found || cancelled) {
      Go();
      return;
    }
    route_.shard()->WhenAfter(after_, [self = shared_from_this()] { self->Go(); });
    AwaitNews();
  }

  // Only one Fill runs at a time, so what it alone uses needs no lock.
  bool FillFrom(std::unique_ptr<store::View> view) {
    if (from_now_ || (initial_state_ && !snapshot_)) {
      after_ = view->applied() - 1;
      from_now_ = false;
    }
    if (initial_state_) return FillInitial(std::move(view));
    auto tenant = view->Tenant(route_.principal.tenant);
    std::deque<std::string> messages;
    for (bool more = tenant.has_value(); more && messages.empty();) {
      const auto changes = view->Changes(tenant->number, after_, kChangesAtOnce);
      for (const store::Change& change : changes) {
        after_ = change.offset;
        if (change.type != route_.type->number) continue;
        std::string message = WatchedChange(route_, catalogue_, *view, tenant->number, change);
        if (!message.empty()) messages.push_back(std::move(message));
      }
      more = changes.size() == kChangesAtOnce;
      if (!more) after_ = std::max(after_, view->applied() - 1);
    }
    // Of a tenant without any change there is nothing to look for twice.
    if (!tenant) after_ = std::max(after_, view->applied() - 1);
    std::lock_guard lock(mutex_);
    for (auto& message : messages) ready_.push_back(std::move(message));
    return !ready_.empty();
  }

  // Every record as it was when the watch began, by the index of creation times.
  bool FillInitial(std::unique_ptr<store::View> view) {
    if (!snapshot_) snapshot_ = std::move(view);
    auto tenant = snapshot_->Tenant(route_.principal.tenant);
    query::Page page;
    if (tenant) {
      query::Plan plan{&route_.type->indexes.front(), "", "", false};
      const auto moment = query::Moment::At(*snapshot_, catalogue_, *tenant);
      page = query::ReadPage(moment, *route_.type, plan, initial_key_, kChangesAtOnce, false);
    }
    std::vector<std::string> messages;
    for (std::string& image : page.images) {
      std::string message =
          WatchedRecord(route_, catalogue_, *snapshot_, tenant->number, std::move(image), after_);
      if (!message.empty()) messages.push_back(std::move(message));
    }
    initial_key_ = page.last_key;
    if (initial_key_.empty()) {
      initial_state_ = false;
      snapshot_.reset();
    }
    std::lock_guard lock(mutex_);
    for (auto& message : messages) ready_.push_back(std::move(message));
    return true;
  }

  // Who waits for the end must not take a server that stops for it.
  record::Status Cancelled() const {
    if (!until_now_) return {};
    return record::Unavailable("DRAINING", "The server stops; go on from the position.", 100);
  }

  Item End(record::Status status) const {
    Item item;
    item.end = true;
    item.status = std::move(status);
    item.trailing.push_back({"crm-position", PositionText(*route_.shard(), after_)});
    return item;
  }

  const Call call_;
  const bool founded_only_;
  bool admitted_ = false;
  Route route_;  // its rights are those of now
  const record::Catalogue& catalogue_;
  Directory& directory_;
  shard::ReadOptions read_;
  shard::ReadOptions wanted_;  // of identity
  bool initial_state_;
  int64_t after_;
  bool from_now_;
  const bool until_now_;
  std::unique_ptr<store::View> snapshot_;
  std::string initial_key_;

  std::atomic<bool> awaiting_news_{false};
  std::mutex mutex_;
  std::function<void(Item)> waiting_;
  std::deque<std::string> ready_;
  bool reading_ = false;
  bool cancelled_ = false;
};

}  // namespace

std::shared_ptr<Stream> OpenWatch(Watcher watcher, const shard::ReadOptions& read,
                                  bool initial_state, int64_t after, bool from_now,
                                  bool until_now) {
  return std::make_shared<Watch>(std::move(watcher), read, initial_state, after, from_now,
                                 until_now);
}

}  // namespace crm::rpc
