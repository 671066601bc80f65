#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <random>

#include "libs/record/key.h"
#include "libs/store/example_bench.h"
#include "libs/store/example_commits.h"

// What applying, reading and opening cost: `store_bench [leads] [folder]`.
namespace crm::store {
namespace {

constexpr size_t kBatch = 64;

class Bench {
 public:
  Bench(size_t leads, std::string folder) : leads_(leads) {
    options_.path = folder + "/store_bench";
    std::filesystem::remove_all(options_.path);
    auto store = Store::Open(options_, example::BuiltIn());
    if (!store) std::abort();
    store_ = std::move(*store);
    std::mt19937_64 random(1);
    for (size_t i = 0; i < leads_; ++i) images_.push_back(example::RandomLead(random));
  }
  ~Bench() {
    store_.reset();
    std::filesystem::remove_all(options_.path);
  }

  void Run() {
    Apply(
        "lead.created", 0, [](size_t i) { return i; }, [](sales::v1::Lead&) {});
    // An edit of a text that no index has.
    Apply("lead.updated, no index", 1, Scatter(), [](auto& lead) { lead.set_job_title("Boss"); });
    // Of the rating, which one past index has.
    Apply("lead.updated, one index", 1, Scatter(), [](auto& lead) {
      lead.set_rating(static_cast<sales::v1::Lead::Rating>(2 + (lead.rating() - 1) % 3));
    });
    // Of state and status, which four past indexes have.
    Apply("lead.disqualified, four indexes", 1, Scatter(), [](auto& lead) {
      lead.set_state(static_cast<sales::v1::Lead::State>(1 + lead.state() % 3));
      lead.set_status(static_cast<sales::v1::Lead::Status>(2 + (lead.status() - 1) % 5));
    });
    example::Measure("flush", 1, [&] { store_->Flush(); });
    Read();
    Open();
  }

 private:
  std::function<size_t(size_t)> Scatter() const {
    return [this](size_t i) { return i * 7919 % leads_; };
  }

  template <class Edit>
  void Apply(const char* what, int64_t /*pass*/, std::function<size_t(size_t)> which, Edit edit) {
    std::vector<log::Commit> all;
    for (size_t i = 0; i < leads_; ++i) {
      auto& lead = images_[which(i)];
      edit(lead);
      example::Commits one(next_);
      one.Pass(next_);
      next_ = 1 + one.Add("acme", {example::Of(lead, example::Id(which(i) * 3))},
                          {.request = example::Id(static_cast<uint64_t>(next_)).Text(),
                           .request_hash = "0123456789abcdef0123456789abcdef"});
      all.push_back(one.all().front());
    }
    example::Measure(what, leads_, [&] {
      for (size_t at = 0; at < all.size(); at += kBatch) {
        const auto some = std::span(all).subspan(at, std::min(kBatch, all.size() - at));
        store_->Apply(some, example::Commits::After(some.back()));
      }
    });
  }

  void Read() {
    const auto view = store_->Snapshot();
    const auto type = example::Type("leads").number;
    const auto* index = example::Type("leads").FindIndex("owner,state");
    constexpr size_t kReads = 2000;
    example::Measure("snapshot", kReads, [&] {
      for (size_t i = 0; i < kReads; ++i) static_cast<void>(store_->Snapshot());
    });
    example::Measure("record", kReads, [&] {
      for (size_t i = 0; i < kReads; ++i) {
        if (!view->Record({1, type, example::Id(i * 7919 % leads_ * 3)})) std::abort();
      }
    });
    example::Measure("newest version", kReads, [&] {
      for (size_t i = 0; i < kReads; ++i) {
        if (!view->VersionAt({1, type, example::Id(i * 7919 % leads_ * 3)}, kNow)) std::abort();
      }
    });
    for (const double share : {1.0, 0.9, 0.5, 0.1}) {
      const auto as_of = static_cast<int64_t>(share * static_cast<double>(view->applied()));
      size_t rows = 0;
      std::printf("as of %.1f of the log: ", share);
      example::Measure("a page of 50 by owner", kReads, [&] {
        for (size_t i = 0; i < kReads; ++i) {
          IndexRange range{1, type, index->number, "", "", false};
          const auto owner = "users/" + example::Id(i % 100).Text();
          range.from = record::EncodeValue(*index->by[0].front(), owner).value();
          range.to = record::PrefixEnd(range.from);
          auto cursor = view->Scan(range, as_of);
          for (size_t n = 0; n < 50 && cursor->Valid(); ++n, ++rows) cursor->Next();
        }
      });
      std::printf("  %.1f rows\n", static_cast<double>(rows) / kReads);
    }
    example::Measure("position at a time", kReads, [&] {
      for (size_t i = 0; i < kReads; ++i) {
        static_cast<void>(view->PositionAt(1, 1'700'000'000'000'000 + static_cast<int64_t>(i)));
      }
    });
    example::Measure("verify, by record", leads_, [&] { static_cast<void>(view->Verify("acme")); });
  }

  void Open() {
    constexpr size_t kOpens = 200;
    StoreOptions options;
    options.path = "/bench";
    example::Measure("open a new one in memory", kOpens, [&] {
      for (size_t i = 0; i < kOpens; ++i) {
        options.disk = Disk::InMemory();
        if (!Store::Open(options, example::BuiltIn())) std::abort();
      }
    });
    example::Measure("open that one again", kOpens, [&] {
      for (size_t i = 0; i < kOpens; ++i) {
        if (!Store::Open(options, example::BuiltIn())) std::abort();
      }
    });
  }

  size_t leads_;
  StoreOptions options_;
  std::unique_ptr<Store> store_;
  std::vector<sales::v1::Lead> images_;
  int64_t next_ = 1;
};

}  // namespace
}  // namespace crm::store

int main(int count, char** arguments) {
  const size_t leads = count > 1 ? std::strtoull(arguments[1], nullptr, 10) : 50'000;
  crm::store::Bench(leads, count > 2 ? arguments[2] : "/tmp").Run();
}
