#include "libs/store/verify.h"

#include <initializer_list>
#include <string_view>
#include <utility>

#include "libs/record/check.h"
#include "libs/record/key.h"
#include "libs/record/sha256.h"
#include "libs/store/event.h"
#include "libs/store/key.h"

// What is hashed, row by row in the order of the keys, each part with its length (8 bytes,
// big-endian) before it:
//
//   record   id, image
//   index    values with id
//   history  id, which of the record's events it is (from 1, 8 bytes), event type, image
namespace crm::store {
namespace {

class RowHash {
 public:
  void Add(std::initializer_list<std::string_view> parts) {
    for (const auto part : parts) {
      hash_.Add(NumberValue(static_cast<int64_t>(part.size())));
      hash_.Add(part);
    }
  }
  std::string Hex() { return hash_.FinishHex(); }

 private:
  record::Sha256 hash_;
};

Rows WithPrefix(const std::shared_ptr<const Moment>& moment, Table table,
                const std::string& prefix) {
  return Rows(moment, table, prefix, record::PrefixEnd(prefix));
}

// No hash where there is no record of the type.
std::optional<std::string> HashRecords(const std::shared_ptr<const Moment>& moment,
                                       const std::string& type_prefix) {
  RowHash hash;
  auto rows = WithPrefix(moment, Table::kRecord, type_prefix);
  if (!rows.Valid()) return std::nullopt;
  for (; rows.Valid(); rows.Next()) {
    hash.Add({rows.key().substr(kTypePrefixSize), ImageOf(rows.value())});
  }
  return hash.Hex();
}

std::string HashIndex(const std::shared_ptr<const Moment>& moment, const std::string& prefix) {
  RowHash hash;
  auto rows = WithPrefix(moment, Table::kIndex, prefix);
  for (; rows.Valid(); rows.Next()) hash.Add({rows.key().substr(kIndexPrefixSize)});
  return hash.Hex();
}

std::string HashHistory(const std::shared_ptr<const Moment>& moment, const std::string& type_prefix,
                        uint16_t type) {
  RowHash hash;
  std::string id;
  int64_t version = 0;
  auto rows = WithPrefix(moment, Table::kHistory, type_prefix);
  for (; rows.Valid(); rows.Next()) {
    const auto row_id = rows.key().substr(kTypePrefixSize, kIdSize);
    version = row_id == id ? version + 1 : 1;
    id = row_id;
    const auto facts = ReadEvent(rows.value());
    const auto image = facts ? ImageIn(facts->value, type) : std::nullopt;
    CRM_CHECK(image);  // or it would not have been projected
    hash.Add({id, NumberValue(version), facts->type, *image});
  }
  return hash.Hex();
}

}  // namespace

std::map<std::string, std::string> Hashes(const std::shared_ptr<const Moment>& moment,
                                          const record::Catalogue& catalogue,
                                          const std::string& service, const Places& places,
                                          TenantNumber tenant) {
  std::map<std::string, std::string> hashes;
  for (const auto* type : catalogue.Types()) {
    if (!service.empty() && !type->HostedBy(service)) continue;
    std::string prefix;
    AppendTypePrefix(tenant, type->number, &prefix);
    const auto records = HashRecords(moment, prefix);
    if (!records) continue;
    hashes[type->collection + "/record"] = *records;
    hashes[type->collection + "/history"] = HashHistory(moment, prefix, type->number);
    for (const auto& index : type->indexes) {
      const auto& place = places.Find(type->number, index.number);
      if (place.building) continue;
      std::string index_prefix;
      AppendIndexPrefix(tenant, type->number, place.number, &index_prefix);
      hashes[type->collection + "/index/" + index.name] = HashIndex(moment, index_prefix);
    }
  }
  return hashes;
}

}  // namespace crm::store
