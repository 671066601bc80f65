#include <rocksdb/write_batch.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <random>

#include "libs/log/embedded.h"
#include "libs/log/follower.h"
#include "libs/log/own_record.h"
#include "libs/store/example_bench.h"
#include "libs/store/projector.h"

// How fast a shard's projections are rebuilt from its log, beside what only reading the log and
// only writing the same rows cost: `rebuild_bench [leads] [folder]`. Every second lead is changed
// once.
namespace crm::store {
namespace {

constexpr size_t kReadBytes = 4 << 20;
constexpr size_t kGroup = 1000;

struct Cost {
  double wall = 0, process = 0;  // in microseconds
};

template <class Work>
Cost Time(Work work) {
  const double wall = example::Micros(CLOCK_MONOTONIC);
  const double process = example::Micros(CLOCK_PROCESS_CPUTIME_ID);
  work();
  return {example::Micros(CLOCK_MONOTONIC) - wall,
          example::Micros(CLOCK_PROCESS_CPUTIME_ID) - process};
}

class Bench {
 public:
  Bench(size_t leads, std::string folder) : leads_(leads), folder_(folder + "/rebuild_bench") {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    log::EmbeddedOptions options;
    options.folder = folder_ + "/log";
    options.partitions = 1;
    auto log = log::OpenEmbedded(options);
    if (!log) std::abort();
    log_ = std::move(log).value();
  }
  ~Bench() {
    log_.reset();
    std::filesystem::remove_all(folder_);
  }

  void Run() {
    Write();
    Say("only reading the log", Time([&] { Read(); }));
    const Cost loaded = Time([&] { Rebuild("loaded", StoreOptions().load_from_messages); });
    Say("rebuilding", loaded);
    Say("rebuilding as if applied live", Time([&] { Rebuild("applied", INT64_MAX); }));
    std::vector<std::string> batches = Batches();
    const Cost bare = Time([&] { WriteBatches(batches); });
    Say("only writing the same rows", bare);
    std::printf("rebuilding is %.2f times as fast as writing the rows (CPU: %.2f)\n",
                bare.wall / loaded.wall, bare.process / loaded.process);
  }

 private:
  void Say(const char* what, const Cost& cost) const {
    const auto events = static_cast<double>(events_);
    std::printf("%-34s %9.0f events/s, %6.2f us of all threads an event\n", what,
                events / cost.wall * 1e6, cost.process / events);
  }

  void Write() {
    std::mutex mutex;
    std::condition_variable woken;
    const auto producer = log_->NewProducer(0, [&] {
      { const std::lock_guard lock(mutex); }
      woken.notify_one();
    });
    std::vector<log::Outgoing> messages;
    uint64_t seq = 0;
    size_t reported = 0;
    const auto send = [&] {
      const size_t wanted = reported + messages.size();
      producer->Send(std::exchange(messages, {}));
      while (reported < wanted) {
        reported += producer->TakeReports().size();
        std::unique_lock lock(mutex);
        if (reported < wanted) woken.wait_for(lock, std::chrono::milliseconds(10));
      }
    };
    messages.push_back({0, ClaimBody()});
    std::mt19937_64 random(1);
    std::vector<sales::v1::Lead> images;
    for (size_t i = 0; i < leads_ + leads_ / 2; ++i) {
      if (i < leads_) images.push_back(example::RandomLead(random));
      const size_t which = i < leads_ ? i : i * 7919 % leads_;
      if (i >= leads_) images[which].set_rating(static_cast<sales::v1::Lead::Rating>(2 + i % 3));
      example::Commits one(static_cast<int64_t>(++seq));
      one.Pass(static_cast<int64_t>(i));
      one.Add("acme", {example::Of(images[which], example::Id(which * 3))},
              {.request = example::Id(i).Text(), .request_hash = std::string(32, '7')});
      messages.push_back({seq, UnderClaim(*one.all().front().events.front().body)});
      if (messages.size() == kGroup) send();
    }
    send();
    events_ = seq;
  }

  static std::shared_ptr<const std::string> ClaimBody() {
    event::v1::Claim claim;
    claim.set_number(1);
    claim.set_id(7);
    claim.set_log_id(7);
    claim.set_partitions(1);
    log::Envelope envelope;
    envelope.set_type(std::string(log::kClaimType));
    envelope.set_claim(1);
    envelope.set_claim_id(7);
    return std::make_shared<const std::string>(log::EncodeBody(envelope, log::ClaimValue(claim)));
  }

  static std::shared_ptr<const std::string> UnderClaim(const std::string& body) {
    const auto parts = log::SplitBody(body);
    log::Envelope envelope;
    envelope.ParseFromArray(parts->envelope.data(), static_cast<int>(parts->envelope.size()));
    envelope.set_claim_id(7);
    return std::make_shared<const std::string>(log::EncodeBody(envelope, parts->value));
  }

  void Read() {
    for (int64_t next = 0;;) {
      const auto read = log_->Read(0, next, kReadBytes);
      if (!read) std::abort();
      if (read->empty()) return;
      next = read->back().offset + 1;
    }
  }

  std::unique_ptr<Store> Open(const std::string& name, int64_t load_from) {
    StoreOptions options;
    options.path = folder_ + "/" + name;
    options.memory_bytes = 256 << 20;
    options.load_from_messages = load_from;
    auto store = Store::Open(options, example::BuiltIn());
    if (!store) std::abort();
    return std::move(*store);
  }

  template <class Projection>
  void Follow(Projection& projection) {
    const record::SystemClock clock;
    log::Follower follower(*log_, 0, projection, clock, kReadBytes, {});
    int64_t end = 0;
    if (follower.AskEnd(&end) != log::Follower::Found::kSome) std::abort();
    follower.Expect(end);
    while (follower.Read() == log::Follower::Found::kSome) follower.Apply();
    if (follower.state().next != end) std::abort();
  }

  void Rebuild(const std::string& name, int64_t load_from) {
    const auto store = Open(name, load_from);
    Follow(*store);
    store->Flush();
  }

  // What live applying writes, as it is handed to RocksDB.
  class Writer final : public log::Projection {
   public:
    explicit Writer(const Tables& tables)
        : tables_(tables), projector_(example::BuiltIn(), service_, tables) {}
    log::Automaton::State Load() override { return {}; }
    void Apply(std::span<const log::Commit> commits, const log::Automaton::State& after) override {
      auto* batch = projector_.Project(commits, after);
      batches.push_back(batch->Data());
      tables_.Write(batch);
    }
    std::vector<std::string> batches;

   private:
    const std::string service_;
    const Tables& tables_;
    Projector projector_;
  };

  std::shared_ptr<const Tables> OpenTables(const std::string& name) {
    StoreOptions options;
    options.path = folder_ + "/" + name;
    options.memory_bytes = 256 << 20;
    auto tables = Tables::Open(options, "bench");
    if (!tables) std::abort();
    return *tables;
  }

  std::vector<std::string> Batches() {
    const auto tables = OpenTables("kept");
    Writer writer(*tables);
    Follow(writer);
    return std::move(writer.batches);
  }

  void WriteBatches(const std::vector<std::string>& batches) {
    const auto tables = OpenTables("bare");
    for (const auto& bytes : batches) {
      rocksdb::WriteBatch batch(bytes);
      tables->Write(&batch);
    }
    tables->Flush();
  }

  size_t leads_;
  std::string folder_;
  std::unique_ptr<log::Log> log_;
  uint64_t events_ = 0;
};

}  // namespace
}  // namespace crm::store

int main(int count, char** arguments) {
  const size_t leads = count > 1 ? std::strtoull(arguments[1], nullptr, 10) : 100'000;
  crm::store::Bench(leads, count > 2 ? arguments[2] : "/tmp").Run();
}
