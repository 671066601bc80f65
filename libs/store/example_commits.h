#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crm/activity/v1/task.pb.h"
#include "crm/sales/v1/event.pb.h"
#include "libs/record/built_in.h"
#include "libs/store/store.h"

// Commits as tests write them by hand, without a log.
namespace crm::store::example {

inline const record::Catalogue& BuiltIn() {
  static const auto catalogue = record::BuiltInCatalogue();
  if (!catalogue) ADD_FAILURE() << catalogue.error().text;
  return **catalogue;
}

inline const record::RecordType& Type(std::string_view collection) {
  return *BuiltIn().FindType(collection);
}

inline record::Uuid Id(uint64_t number) { return record::MakeUuidV7(1'000 * 1'000, 7, number); }

struct Draft {
  std::string collection;
  record::Uuid id;
  std::string what;   // `created`
  std::string image;  // empty: deleted
};

inline Draft Deleted(std::string collection, record::Uuid id) {
  return {std::move(collection), id, "deleted", ""};
}

inline Draft Of(const sales::v1::Lead& lead, record::Uuid id, std::string what = "updated") {
  sales::v1::Lead named = lead;
  named.set_name("leads/" + id.Text());
  return {"leads", id, std::move(what), named.SerializeAsString()};
}

inline Draft Of(const activity::v1::Task& task, record::Uuid id, std::string what = "updated") {
  activity::v1::Task named = task;
  named.set_name("tasks/" + id.Text());
  return {"tasks", id, std::move(what), named.SerializeAsString()};
}

struct Ending {  // what the last event of a commit says
  std::string request = {};
  std::string request_hash = {};
  std::string outbox = {};
  std::string client = "api";
};

class Commits {
 public:
  explicit Commits(int64_t first_offset = 1) : next_(first_offset) {}

  // Position of the commit that it adds.
  int64_t Add(const std::string& tenant, const std::vector<Draft>& drafts,
              const Ending& ending = {}) {
    log::Commit commit;
    for (const auto& draft : drafts) {
      auto envelope = Envelope(tenant, draft.collection + "/" + draft.id.Text(), ending);
      const auto* type = BuiltIn().FindType(draft.collection);
      envelope.set_type(type ? type->EventType(draft.what) : "crm.sales.v1.unknown");
      envelope.set_commit_index(static_cast<uint32_t>(commit.events.size()) + 1);
      envelope.set_commit_count(static_cast<uint32_t>(drafts.size()));
      if (envelope.commit_index() == envelope.commit_count()) {
        envelope.set_request(ending.request);
        envelope.set_request_hash(ending.request_hash);
        envelope.set_outbox(ending.outbox);
      }
      std::string value;
      if (!draft.image.empty()) {
        record::AppendBytesField(type ? type->number : 999, draft.image, &value);
      }
      commit.events.push_back(
          {next_++, std::make_shared<const std::string>(log::EncodeBody(envelope, value))});
    }
    all_.push_back(std::move(commit));
    return next_ - 1;
  }

  // Messages that are no events, or do not count.
  void Skip(int64_t messages) { next_ += messages; }
  void Pass(int64_t micros) { time_us_ += micros; }
  int64_t time_us() const { return time_us_; }
  const std::vector<log::Commit>& all() const { return all_; }

  static log::Automaton::State After(const log::Commit& commit) {
    log::Automaton::State state;
    state.next = commit.position() + 1;
    state.log_id = 42;
    state.last_offset = commit.position();
    return state;
  }

  // Applies what the store does not have yet, `at_once` commits a call.
  void ApplyTo(Store& store, size_t at_once = 3) const {
    const auto saved = store.Load();
    size_t first = 0;
    while (first < all_.size() && all_[first].position() < saved.next) ++first;
    for (; first < all_.size(); first += at_once) {
      const auto some = std::span(all_).subspan(first, std::min(at_once, all_.size() - first));
      store.Apply(some, After(some.back()));
    }
  }

 private:
  log::Envelope Envelope(const std::string& tenant, const std::string& subject,
                         const Ending& ending) const {
    log::Envelope envelope;
    envelope.set_source("/crm/sales");
    envelope.set_tenant(tenant);
    envelope.set_subject(subject);
    envelope.set_client(ending.client);
    envelope.set_time_us(time_us_);
    envelope.set_recorded_time_us(time_us_ + 5);
    envelope.set_claim(1);
    envelope.set_seq(static_cast<uint64_t>(next_));
    return envelope;
  }

  int64_t next_;
  int64_t time_us_ = 1'700'000'000'000'000;
  std::vector<log::Commit> all_;
};

inline std::unique_ptr<Store> Open(std::shared_ptr<Disk> disk, size_t memory_bytes = 1 << 20) {
  StoreOptions options;
  options.path = "/store";
  options.disk = std::move(disk);
  options.memory_bytes = memory_bytes;
  auto store = Store::Open(options, BuiltIn());
  if (!store) ADD_FAILURE() << store.error().text;
  return std::move(*store);
}

// What a cursor still has.
inline std::vector<std::string> Keys(std::unique_ptr<IndexCursor> cursor) {
  std::vector<std::string> keys;
  for (; cursor->Valid(); cursor->Next()) {
    keys.emplace_back(cursor->key());
    EXPECT_EQ(cursor->id().Bytes(), cursor->key().substr(cursor->key().size() - 16));
  }
  return keys;
}

}  // namespace crm::store::example
