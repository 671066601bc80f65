#include "libs/runtime/kept_projections.h"

#include <future>
#include <memory>
#include <utility>

#include "libs/log/content.h"

namespace crm::runtime {
namespace {

using Compared = record::Result<int64_t>;

// All at once: each takes some round trips.
std::vector<std::future<Compared>> CompareAll(log::Log& log,
                                              const std::vector<store::Store*>& stores) {
  std::vector<std::future<Compared>> all;
  for (size_t partition = 0; partition < stores.size(); ++partition) {
    auto answer = std::make_shared<std::promise<Compared>>();
    all.push_back(answer->get_future());
    log.Aside([&log, answer, partition, read = stores[partition]->Load()] {
      answer->set_value(log::CompareContent(log, static_cast<int>(partition), read, {}));
    });
  }
  return all;
}

}  // namespace

record::Result<record::Done> CheckKeptProjections(log::Log& log,
                                                  const std::vector<store::Store*>& stores,
                                                  const std::string& flag) {
  auto all = CompareAll(log, stores);
  record::Result<record::Done> result = record::Done{};
  for (size_t partition = 0; partition < all.size(); ++partition) {
    const Compared compared = all[partition].get();
    if (compared || compared.error().retry || !result) continue;
    result = record::Error{stores[partition]->path() + " was not built from this log (" +
                           compared.error().text + "): check --data and " + flag +
                           "; if both are right, delete the folder, and it is built anew"};
  }
  return result;
}

}  // namespace crm::runtime
