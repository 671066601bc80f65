#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

// For tests: what deletes, undeletes, merges and unmerges do to records that refer to one another,
// on plain maps. It knows the relationships by heart and shares no code with the shard.
namespace crm::shard {

struct Node {
  std::map<std::string, std::string> fields;  // references and texts; absent: empty
  bool deleted = false;
  bool merged = false;
  bool operator==(const Node&) const = default;
};

class TreeModel {
 public:
  using Nodes = std::map<std::string, Node>;  // by name

  const Nodes& nodes() const { return nodes_; }
  void Put(const std::string& name, const std::map<std::string, std::string>& fields) {
    nodes_[name].fields = fields;
  }
  void Set(const std::string& name, const std::string& field, const std::string& value) {
    SetField(&nodes_[name], field, value);
  }
  bool Alive(const std::string& name) const {
    auto found = nodes_.find(name);
    return found != nodes_.end() && !found->second.deleted;
  }
  // Whether the record would be above itself if the field named `parent`.
  bool WouldCircle(const std::string& name, const std::string& field, std::string parent) const;

  void Delete(const std::string& name);
  bool MayUndelete(const std::string& name) const;
  void Undelete(const std::string& name);

  bool MayMerge(const std::string& master, const std::string& subordinate) const;
  void Merge(const std::string& master, const std::string& subordinate,
             const std::set<std::string>& take);
  void Unmerge(const std::string& subordinate);

 private:
  struct Change {  // one commit: what it changed, as it was and as it became
    std::vector<std::string> deleted;
    std::map<std::string, std::pair<Node, Node>> changed;
  };
  static void SetField(Node* node, const std::string& field, const std::string& value);
  std::set<std::string> TreeOf(const std::string& root, const Change& change) const;
  std::set<std::string> DeadOf(const Node& node, const std::set<std::string>& returning) const;

  Nodes nodes_;
  std::map<std::string, Change> deletions_;                       // by each record that one deleted
  std::map<std::string, std::pair<std::string, Change>> merges_;  // by subordinate: master
};

}  // namespace crm::shard
