#include "libs/rpc/watch.h"

#include <deque>
#include <mutex>

#include "libs/query/read.h"
#include "libs/record/key.h"
#include "libs/record/wire.h"

namespace crm::rpc {
namespace {

constexpr size_t kChangesAtOnce = 128;

class Watch final : public Stream, public std::enable_shared_from_this<Watch> {
 public:
  Watch(Route route, const record::Catalogue& catalogue, const shard::ReadOptions& read,
        bool initial_state, int64_t after, bool from_now, bool until_now)
      : route_(std::move(route)),
        catalogue_(catalogue),
        read_(read),
        initial_state_(initial_state),
        after_(after),
        from_now_(from_now),
        until_now_(until_now) {}

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
    route_.shard()->Read(read_, [self = shared_from_this()](shard::ReadResult result) {
      self->Fill(std::move(result));
    });
  }

  void Fill(shard::ReadResult result) {
    if (!result.view) {
      std::function<void(Item)> deliver;
      {
        std::lock_guard lock(mutex_);
        reading_ = false;
        deliver = std::exchange(waiting_, nullptr);
      }
      if (!deliver) return;
      Item item = End(std::move(result.status));
      if (result.not_served) item.elsewhere = AnswerElsewhere(route_.place).elsewhere;
      deliver(std::move(item));
      return;
    }
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
        std::string message = ChangeBytes(*view, tenant->number, change);
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
      page = query::ReadPage(query::Moment::At(*snapshot_, catalogue_, *tenant), *route_.type, plan,
                             initial_key_, kChangesAtOnce, false);
    }
    initial_key_ = page.last_key;
    if (initial_key_.empty()) {
      initial_state_ = false;
      snapshot_.reset();
    }
    std::lock_guard lock(mutex_);
    for (const std::string& image : page.images) {
      std::string change;
      record::AppendBytesField(1, PositionText(*route_.shard(), after_), &change);
      record::AppendBytesField(6, record::Spans::Read(image)->Text(record::kName), &change);
      std::string message;
      record::AppendBytesField(1, change, &message);
      record::AppendBytesField(2, image, &message);
      ready_.push_back(std::move(message));
    }
    return true;
  }

  std::string ChangeBytes(const store::View& view, store::TenantNumber tenant,
                          const store::Change& row) const {
    // The very event, which may be in the middle of a commit.
    const auto events = view.History({tenant, row.type, row.id}, row.offset + 1, 1);
    std::string message;
    if (events.empty()) return message;
    const log::Stored& event = events.front();
    auto change = query::DescribeChange(view, tenant, *route_.type, row.id, event);
    change.set_position(PositionText(*route_.shard(), row.offset));
    record::AppendBytesField(1, change.SerializeAsString(), &message);
    const std::string image = query::ImageOf(event);
    if (!image.empty()) record::AppendBytesField(2, image, &message);
    return message;
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

  const Route route_;
  const record::Catalogue& catalogue_;
  shard::ReadOptions read_;
  bool initial_state_;
  int64_t after_;
  bool from_now_;
  const bool until_now_;
  std::unique_ptr<store::View> snapshot_;
  std::string initial_key_;

  std::mutex mutex_;
  std::function<void(Item)> waiting_;
  std::deque<std::string> ready_;
  bool reading_ = false;
  bool cancelled_ = false;
};

}  // namespace

std::shared_ptr<Stream> OpenWatch(Route route, const record::Catalogue& catalogue,
                                  const shard::ReadOptions& read, bool initial_state, int64_t after,
                                  bool from_now, bool until_now) {
  return std::make_shared<Watch>(std::move(route), catalogue, read, initial_state, after, from_now,
                                 until_now);
}

}  // namespace crm::rpc
