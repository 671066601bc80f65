#include <rocksdb/write_batch.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>

#include "libs/store/example_bench.h"
#include "libs/store/example_log.h"
#include "libs/store/projector.h"

// How fast a shard's projections are rebuilt from its log, beside what only reading the log and
// only writing the same rows cost: `rebuild_bench [leads] [folder]`. Every second lead is changed
// once.
namespace crm::store {
namespace {

constexpr size_t kReadBytes = 4 << 20;

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
    log_ = example::OpenLog(folder_ + "/log");
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
    example::LogWriter writer(*log_);
    std::mt19937_64 random(1);
    std::vector<sales::v1::Lead> images;
    for (size_t i = 0; i < leads_ + leads_ / 2; ++i) {
      if (i < leads_) images.push_back(example::RandomLead(random));
      const size_t which = i < leads_ ? i : i * 7919 % leads_;
      if (i >= leads_) images[which].set_rating(static_cast<sales::v1::Lead::Rating>(2 + i % 3));
      example::Commits one;
      one.Pass(static_cast<int64_t>(i));
      one.Add("acme", {example::Of(images[which], example::Id(which * 3))},
              {.request = example::Id(i).Text(), .request_hash = std::string(32, '7')});
      writer.Add(*one.all().front().events.front().body);
    }
    writer.Send();
    events_ = leads_ + leads_ / 2;
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

  void Rebuild(const std::string& name, int64_t load_from) {
    const auto store = Open(name, load_from);
    example::Follow(*log_, *store);
    store->Flush();
  }

  // What live applying writes, as it is handed to RocksDB.
  class Writer final : public log::Projection {
   public:
    explicit Writer(const Opened& opened)
        : tables_(*opened.tables),
          places_(opened.layout, example::BuiltIn()),
          attempts_("", true),
          projector_(example::BuiltIn(), service_, places_, tables_, attempts_, {}) {}
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
    const Places places_;
    Attempts attempts_;
    Projector projector_;
  };

  Opened OpenTables(const std::string& name) {
    StoreOptions options;
    options.path = folder_ + "/" + name;
    options.memory_bytes = 256 << 20;
    auto tables = Tables::Open(options, example::BuiltIn());
    if (!tables) std::abort();
    return *std::move(tables);
  }

  std::vector<std::string> Batches() {
    const auto opened = OpenTables("kept");
    Writer writer(opened);
    example::Follow(*log_, writer);
    return std::move(writer.batches);
  }

  void WriteBatches(const std::vector<std::string>& batches) {
    const auto tables = OpenTables("bare").tables;
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
