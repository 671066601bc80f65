#include <rocksdb/utilities/checkpoint.h>

#include <memory>

#include "libs/store/key.h"
#include "libs/store/layout.h"
#include "libs/store/store.h"
#include "libs/store/tables.h"

namespace crm::store {

record::Result<record::Done> Tables::Checkpoint(const std::string& folder) const {
  rocksdb::Checkpoint* made = nullptr;
  auto status = rocksdb::Checkpoint::Create(&db(), &made);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  if (status.ok()) status = checkpoint->CreateCheckpoint(folder, 0);
  if (!status.ok()) return record::Error{folder + ": " + status.ToString(), true};
  return record::Done{};
}

record::Result<record::Done> ReadCheckpoint(const std::string& folder, std::string* layout,
                                            log::Automaton::State* state) {
  rocksdb::DB* opened = nullptr;
  std::string bytes;
  auto status = rocksdb::DB::OpenForReadOnly({}, folder, &opened);
  const std::unique_ptr<rocksdb::DB> db(opened);
  if (status.ok()) status = db->Get({}, kLayoutKey, layout);
  if (status.ok()) status = db->Get({}, kStateKey, &bytes);
  const auto found = status.ok() ? log::Automaton::State::Decode(bytes) : std::nullopt;
  if (!found) return record::Error{folder + ": " + status.ToString()};
  *state = *found;
  return record::Done{};
}

std::string WhyNotOpened(std::string_view layout, const StoreOptions& options,
                         const record::Catalogue& catalogue) {
  const auto change = ChangeOf(layout, catalogue, KeptOf(options, catalogue), false);
  return change.kind == LayoutChange::Kind::kParts ? "" : change.why;
}

}  // namespace crm::store
