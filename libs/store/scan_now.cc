#include "libs/record/key.h"
#include "libs/store/key.h"
#include "libs/store/scan.h"

namespace crm::store {
namespace {

class CursorNow final : public IndexCursor {
 public:
  CursorNow(std::shared_ptr<const Moment> moment, std::string from, std::string to, bool reverse)
      : rows_(std::move(moment), Table::kIndex, std::move(from), std::move(to), reverse) {}

  bool Valid() const override { return rows_.Valid(); }
  void Next() override { rows_.Next(); }
  std::string_view key() const override { return rows_.key().substr(kIndexPrefixSize); }
  record::Uuid id() const override { return ReadId(key().substr(key().size() - kIdSize)); }

 private:
  Rows rows_;
};

class Nothing final : public IndexCursor {
 public:
  bool Valid() const override { return false; }
  void Next() override {}
  std::string_view key() const override { return {}; }
  record::Uuid id() const override { return {}; }
};

}  // namespace

std::unique_ptr<IndexCursor> ScanNothing() { return std::make_unique<Nothing>(); }

std::unique_ptr<IndexCursor> ScanNow(std::shared_ptr<const Moment> moment,
                                     const IndexRange& range) {
  std::string prefix;
  AppendIndexPrefix(range.tenant, range.type, range.index, &prefix);
  auto to = range.to.empty() ? record::PrefixEnd(prefix) : prefix + range.to;
  return std::make_unique<CursorNow>(std::move(moment), prefix + range.from, std::move(to),
                                     range.reverse);
}

}  // namespace crm::store
