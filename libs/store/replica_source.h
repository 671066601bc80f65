#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "libs/record/catalogue.h"
#include "libs/record/check.h"
#include "libs/store/followed.h"

namespace crm::store {

using KeptIndexes = std::set<uint16_t>;  // by number

// What is kept of one partition of another service's log.
struct ReplicaSource {
  std::string service;
  int partition = 0;
  bool whole = true;  // of all its tenants, else only of those that are kept everywhere
  std::set<std::string, std::less<>> everywhere;
  std::map<uint16_t, KeptIndexes> kept;  // by record type
  uint64_t skipped = 0;
  std::set<std::string> changed = {};  // tenants

  static ReplicaSource Of(const Followed& followed, int partition, bool whole,
                          const record::Catalogue& catalogue) {
    ReplicaSource source{followed.service, partition, whole, {}, {}, 0};
    source.everywhere = {followed.everywhere.begin(), followed.everywhere.end()};
    for (const Replica& replica : followed.replicas) {
      const record::RecordType* type = catalogue.FindType(replica.collection);
      CRM_CHECK(type && type->HostedBy(followed.service));
      KeptIndexes& kept = source.kept[type->number];
      for (const std::string& name : replica.indexes) {
        const record::Index* index = type->FindIndex(name);
        CRM_CHECK(index);
        kept.insert(index->number);
      }
    }
    return source;
  }
};

}  // namespace crm::store
