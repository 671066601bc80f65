#pragma once

#include <string>
#include <vector>

namespace crm::store {

// Copies of another service's records, kept read-only beside a service's own.
struct Replica {
  std::string collection;
  std::vector<std::string> indexes;  // by name; those that are kept, too
};

// A service whose log another one reads. Partition p is read for partition p only, because one map
// says for all services where a tenant is.
struct Followed {
  std::string service;
  std::vector<Replica> replicas;
  // Tenants that belong to all, such as `system`: every partition keeps theirs.
  std::vector<std::string> everywhere;
  // Nothing is copied where the service can only run in the same process, on the embedded log: its
  // own records are asked.
  bool unless_beside = false;
};

}  // namespace crm::store
