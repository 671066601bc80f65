#include "libs/runtime/pages.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "libs/runtime/rebuild.h"

namespace crm::runtime {
namespace {

// Longer than any round may take, a compaction on a slow disk included.
constexpr int64_t kLongestRoundUs = 30'000'000;

Page Json(int status, const nlohmann::ordered_json& body) {
  return {status, "application/json", body.dump() + "\n"};
}

Page Metrics(const std::vector<const prometheus::Collectable*>& metrics) {
  std::vector<prometheus::MetricFamily> families;
  for (const prometheus::Collectable* collectable : metrics) {
    auto collected = collectable->Collect();
    families.insert(families.end(), std::make_move_iterator(collected.begin()),
                    std::make_move_iterator(collected.end()));
  }
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, families);
  return {200, "text/plain; version=0.0.4; charset=utf-8", out.str()};
}

Page Ready(const Shards& shards, const Progress& progress) {
  nlohmann::ordered_json body;
  // What is so now, and not when the process last looked.
  const std::string reason = shards.Unready();
  const bool ready = progress.ready && !progress.draining && reason.empty();
  body["ready"] = ready;
  body["draining"] = progress.draining.load();
  if (!reason.empty()) body["reason"] = reason;
  if (const std::string trouble = shards.trouble(); !trouble.empty()) body["trouble"] = trouble;
  body["shards"] = nlohmann::ordered_json::array();
  for (const Shards::State& state : shards.States()) {
    nlohmann::ordered_json shard = {
        {"service", state.service}, {"partition", state.partition}, {"assigned", state.assigned},
        {"owning", state.owning},   {"caught_up", state.caught_up}, {"applied", state.applied},
        {"end", state.end}};
    if (state.loading) shard["rebuild"] = Describe(*state.loading);
    for (const auto& building : state.building) {
      shard["building"][building.index] = Describe(building.progress);
    }
    if (state.parked > 0) shard["parked"] = state.parked;
    if (!state.trouble.empty()) shard["trouble"] = state.trouble;
    body["shards"].push_back(std::move(shard));
  }
  return Json(ready ? 200 : 503, body);
}

// Every loop has come round lately. Says nothing of disks, brokers or siblings: a restart heals
// none of them.
bool LoopsTurn(const std::vector<Shards::State>& states, int64_t boottime) {
  for (const Shards::State& state : states) {
    if (boottime - state.last_turn > kLongestRoundUs) return false;
  }
  return true;
}

}  // namespace

Pages AdminPages(const record::Catalogue& catalogue, const Shards& shards,
                 const record::Clock& clock, const Progress& progress,
                 std::vector<const prometheus::Collectable*> metrics, SnapshotTaker* snapshots) {
  Pages pages;
  pages["/metrics"] = [metrics = std::move(metrics)] { return Metrics(metrics); };
  pages["/healthz"] = [&] {
    const bool alive = LoopsTurn(shards.States(), clock.Boottime());
    return Json(alive ? 200 : 503, {{"alive", alive}});
  };
  pages["/readyz"] = [&] { return Ready(shards, progress); };
  pages["/startupz"] = [&] {
    const bool started = progress.started;
    return Json(started ? 200 : 503, {{"started", started}});
  };
  pages["/descriptors.pb"] = [&] {
    return Page{200, "application/octet-stream", catalogue.descriptors()};
  };
  pages["POST /snapshot"] = [snapshots] {
    if (!snapshots) {
      return Json(409, {{"error", "there is no place for snapshots: start with --snapshot-to"}});
    }
    snapshots->TakeNow();
    return Json(202, {{"snapshot", "wanted"}});
  };
  return pages;
}

}  // namespace crm::runtime
