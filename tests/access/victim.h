#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/access/organization.h"
#include "tests/conformance/tested.h"

namespace crm::test {

inline constexpr char kCanary[] = "canary7f3a";

// An organization with two records of each type, whose texts all have the canary, and everything
// that one could know of them.
class Victim {
 public:
  explicit Victim(const std::string& tenant);

  Organization& organization() { return organization_; }
  const Client& administrator() const { return organization_.administrator(); }
  const std::string& tenant() const { return tenant_; }

  // Of the first record of a collection; empty where there is none.
  std::string NameOf(const std::string& collection) const { return Find(names_, collection); }
  std::string EtagOf(const std::string& collection) const { return Find(etags_, collection); }
  // That finds the record by its first index that begins with a text.
  std::string FilterOf(const std::string& collection) const { return Find(filters_, collection); }
  std::string PageToken(const std::string& collection) const {
    return Find(page_tokens_, collection);
  }
  // Where a watch of the collection stood.
  std::string WatchPosition(const std::string& collection) const {
    return Find(watched_, collection);
  }
  const std::string& position() const { return position_; }
  const std::string& request_id() const { return request_id_; }
  const std::set<std::string>& ids() const { return ids_; }
  std::map<std::string, std::string> Hashes() const;

 private:
  using ByCollection = std::map<std::string, std::string>;
  static std::string Find(const ByCollection& values, const std::string& collection) {
    const auto found = values.find(collection);
    return found == values.end() ? "" : found->second;
  }
  void Plant(const RecordType& type);
  void Note(const RecordType& type, const Tested& tested, const std::string& record);
  void Watch(const RecordType& type, const Tested& tested);

  Organization organization_;
  const std::string tenant_;
  ByCollection names_, etags_, filters_, page_tokens_, watched_;
  std::set<std::string> ids_;
  std::string position_;
  const std::string request_id_ = "accounts0";
};

}  // namespace crm::test
