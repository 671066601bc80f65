#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "libs/record/the_catalogue.h"
#include "libs/shard/rates.h"
#include "libs/shard/shard.h"
#include "libs/store/store.h"
#include "services/sales/sales.h"

namespace crm::sales::example {

class CountingRandom final : public record::Random {
 public:
  uint64_t Next() override { return ++last_; }

 private:
  uint64_t last_ = 0;
};

using record::TheCatalogue;

// For tests: what commands of the service are decided with, over an empty store; commits are under
// way for ever.
class DecidingFixture : public testing::Test {
 protected:
  static constexpr int64_t kTime = 2'000'000;

  DecidingFixture() {
    RegisterSales(behaviours_);
    store::StoreOptions options;
    options.path = "/deciding";
    options.disk = store::Disk::InMemory();
    store_ = std::move(*store::Store::Open(options, TheCatalogue()));
    command_.principal = {"test", "users/01920000-0000-7000-8000-0000000000aa", "", "api"};
  }

  // What the present command is decided with.
  std::unique_ptr<shard::Transaction> Begin() {
    return std::make_unique<shard::Transaction>(
        shard::Transaction::Context{TheCatalogue(), behaviours_, store_->latest(),
                                    store_->latest().Tenant(command_.principal.tenant), overlay_,
                                    rates_, random_, replicas_, limits_, service_, source_,
                                    dataschema_},
        command_, kTime);
  }

  shard::Behaviours behaviours_;
  const shard::Replicated replicas_;
  const std::string service_ = "sales";
  shard::Overlay overlay_;
  shard::Rates rates_;
  shard::Limits limits_;
  shard::Command command_;
  CountingRandom random_;
  const std::string source_ = "/crm/sales";
  const std::string dataschema_ = "crm:0#crm.sales.v1.Event";
  std::unique_ptr<store::Store> store_;
  uint64_t ticket_ = 0;
};

}  // namespace crm::sales::example
