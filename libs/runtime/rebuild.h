#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "libs/runtime/json_log.h"
#include "libs/runtime/shards.h"

namespace crm::runtime {

// About how long a rebuild still takes; -1: it has not come far enough to tell.
double LeftSeconds(const store::Store::Loading& loading);
// `62 % of 123456, about 8 s left`.
std::string Describe(const store::Store::Loading& loading);

// Writes how far the shards' rebuilds are, every now and then, and when they are done.
class RebuildLog {
 public:
  explicit RebuildLog(JsonLog& log) : log_(log) {}
  void Report(const std::vector<Shards::State>& states, int64_t boottime);

 private:
  JsonLog& log_;
  struct Seen {
    store::Store::Loading loading;
    int64_t next_report = 0;
  };
  std::map<std::pair<std::string, int>, Seen> seen_;  // that were under way at the last look
};

}  // namespace crm::runtime
