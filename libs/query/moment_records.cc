#include "libs/query/moment_records.h"

#include "libs/record/key.h"

namespace crm::query {

std::vector<record::Uuid> MomentRecords::FindByIndex(const record::RecordType& type,
                                                     const record::Index& index,
                                                     const std::string& values) const {
  std::vector<record::Uuid> ids;
  const store::IndexRange range{
      moment_.tenant, type.number, index.number, values, record::PrefixEnd(values), false};
  for (auto cursor = moment_.view.Scan(range); cursor->Valid(); cursor->Next())
    ids.push_back(cursor->id());
  return ids;
}

}  // namespace crm::query
