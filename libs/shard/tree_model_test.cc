#include "libs/shard/tree_model.h"

namespace crm::shard {
namespace {

struct Relation {
  std::string from;
  std::string field;
  std::string to;
  enum class OnDelete { kAll, kUnlink } on_delete;
  bool moves;  // with a merge
};

const std::vector<Relation>& Relations() {
  using enum Relation::OnDelete;
  static const std::vector<Relation> relations = {
      {"accounts", "parent_account", "accounts", kUnlink, true},
      {"accounts", "primary_contact", "contacts", kUnlink, false},
      {"accounts", "master", "accounts", kUnlink, false},
      {"contacts", "master", "contacts", kUnlink, false},
      {"contacts", "parent_customer", "accounts", kAll, true},
      {"contacts", "parent_customer", "contacts", kAll, true},
      {"opportunities", "customer", "accounts", kAll, true},
      {"opportunities", "customer", "contacts", kAll, true},
      {"opportunities", "parent_account", "accounts", kUnlink, true},
      {"opportunities", "parent_contact", "contacts", kUnlink, true},
      {"tasks", "regarding", "accounts", kAll, true},
      {"tasks", "regarding", "contacts", kAll, true},
      {"tasks", "regarding", "opportunities", kAll, false},
      {"connections", "record1", "accounts", kAll, true},
      {"connections", "record1", "contacts", kAll, true},
      {"connections", "record2", "accounts", kAll, true},
      {"connections", "record2", "contacts", kAll, true},
  };
  return relations;
}

std::string CollectionOf(const std::string& name) { return name.substr(0, name.find('/')); }

// Whether a delete of one of these takes the record with it.
bool HangsOn(const std::string& name, const Node& node, const std::set<std::string>& names) {
  for (const Relation& relation : Relations()) {
    auto field = node.fields.find(relation.field);
    if (relation.from != CollectionOf(name) || field == node.fields.end()) continue;
    if (relation.on_delete == Relation::OnDelete::kAll && names.contains(field->second) &&
        CollectionOf(field->second) == relation.to)
      return true;
  }
  return false;
}

bool IsReference(const std::string& field) {
  return field != "text1" && field != "text2" && field != "title";
}

}  // namespace

void TreeModel::SetField(Node* node, const std::string& field, const std::string& value) {
  if (value.empty()) {
    node->fields.erase(field);
  } else {
    node->fields[field] = value;
  }
}

bool TreeModel::WouldCircle(const std::string& name, const std::string& field,
                            std::string parent) const {
  while (!parent.empty() && CollectionOf(parent) == CollectionOf(name)) {
    if (parent == name) return true;
    const Node& node = nodes_.at(parent);
    if (node.deleted || !node.fields.contains(field)) return false;
    parent = node.fields.at(field);
  }
  return false;
}

void TreeModel::Delete(const std::string& root) {
  Change change;
  std::set<std::string> gone{root};
  for (bool grown = true; grown;) {
    grown = false;
    for (const auto& [name, node] : nodes_) {
      if (node.deleted || gone.contains(name)) continue;
      if (HangsOn(name, node, gone)) grown |= gone.insert(name).second;
    }
  }
  for (auto& [name, node] : nodes_) {
    if (node.deleted) continue;
    const Node before = node;
    if (gone.contains(name)) {
      node.deleted = true;
      change.deleted.push_back(name);
    } else {
      std::erase_if(node.fields, [&](const auto& field) {
        return IsReference(field.first) && gone.contains(field.second);
      });
    }
    if (node != before) change.changed[name] = {before, node};
  }
  for (const std::string& name : gone) deletions_[name] = change;
}

bool TreeModel::MayUndelete(const std::string& name) const {
  return DeadOf(nodes_.at(name), TreeOf(name, deletions_.at(name))).empty();
}

std::set<std::string> TreeModel::DeadOf(const Node& node,
                                        const std::set<std::string>& returning) const {
  std::set<std::string> dead;
  for (const auto& [field, value] : node.fields) {
    if (IsReference(field) && !returning.contains(value) && !Alive(value)) dead.insert(field);
  }
  return dead;
}

std::set<std::string> TreeModel::TreeOf(const std::string& root, const Change& change) const {
  std::set<std::string> tree{root};
  for (bool grown = true; grown;) {
    grown = false;
    for (const std::string& name : change.deleted) {
      if (!nodes_.at(name).deleted || tree.contains(name)) continue;
      if (HangsOn(name, nodes_.at(name), tree)) grown |= tree.insert(name).second;
    }
  }
  return tree;
}

void TreeModel::Undelete(const std::string& root) {
  const Change change = deletions_.at(root);
  std::set<std::string> tree = TreeOf(root, change);
  for (bool shrunk = true; shrunk;) {
    shrunk = false;
    for (const std::string& name : std::set<std::string>(tree)) {
      for (const std::string& field : DeadOf(nodes_.at(name), tree)) {
        if (CollectionOf(name) == "connections" && field.starts_with("record"))
          shrunk |= tree.erase(name) > 0;
      }
    }
  }
  for (const std::string& name : tree) {
    Node& node = nodes_.at(name);
    for (const std::string& field : DeadOf(node, tree)) node.fields.erase(field);
  }
  for (const std::string& name : tree) nodes_.at(name).deleted = false;
  for (const auto& [name, states] : change.changed) {
    if (states.second.deleted || !Alive(name)) continue;
    for (const auto& [field, value] : states.first.fields) {
      Node& node = nodes_.at(name);
      const bool linked = node.fields.contains(field) || !IsReference(field);
      if (linked || !tree.contains(value) || WouldCircle(name, field, value)) continue;
      node.fields[field] = value;
    }
  }
}

bool TreeModel::MayMerge(const std::string& master, const std::string& subordinate) const {
  return master != subordinate && Alive(master) && Alive(subordinate) &&
         !nodes_.at(master).merged && !nodes_.at(subordinate).merged;
}

void TreeModel::Merge(const std::string& master, const std::string& subordinate,
                      const std::set<std::string>& take) {
  const Nodes before = nodes_;
  for (auto& [name, node] : nodes_) {
    if (node.deleted || name == master || name == subordinate) continue;
    bool moved = false;
    for (const Relation& relation : Relations()) {
      auto field = node.fields.find(relation.field);
      if (!relation.moves || relation.from != CollectionOf(name) || field == node.fields.end() ||
          field->second != subordinate)
        continue;
      field->second = master;
      moved = true;
    }
    if (!moved || CollectionOf(name) != "connections") continue;
    bool twice = node.fields["record1"] == node.fields["record2"];
    for (const auto& [other, twin] : nodes_) {
      twice |= other != name && !twin.deleted && CollectionOf(other) == "connections" &&
               twin.fields == node.fields;
    }
    if (!twice) continue;
    node.fields = before.at(name).fields;
    node.deleted = true;
  }
  Node& closed = nodes_.at(subordinate);
  Node& filled = nodes_.at(master);
  const std::map<std::string, std::string> given = closed.fields;
  const std::string parent =
      CollectionOf(master) == "accounts" ? "parent_account" : "parent_customer";
  if (closed.fields.contains(parent) && closed.fields.at(parent) == master)
    closed.fields.erase(parent);
  closed.merged = true;
  closed.fields["master"] = master;
  auto leave_circles = [&] {
    auto above = filled.fields.find(parent);
    if (above != filled.fields.end() &&
        (above->second == subordinate || WouldCircle(master, parent, above->second)))
      filled.fields.erase(above);
  };
  leave_circles();
  for (const auto& [field, value] : given) {
    if (field != "master") filled.fields.try_emplace(field, value);
  }
  for (const std::string& field : take)
    SetField(&filled, field, given.contains(field) ? given.at(field) : "");
  leave_circles();
  Change change;
  for (const auto& [name, node] : nodes_) {
    if (node != before.at(name)) change.changed[name] = {before.at(name), node};
    if (node.deleted && !before.at(name).deleted) change.deleted.push_back(name);
  }
  for (const std::string& name : change.deleted) deletions_[name] = change;
  merges_[subordinate] = {master, change};
}

void TreeModel::Unmerge(const std::string& subordinate) {
  const auto [master, change] = merges_.at(subordinate);
  std::vector<std::string> order{subordinate};
  for (const auto& [name, states] : change.changed) {
    if (name != subordinate && name != master) order.push_back(name);
  }
  order.push_back(master);
  for (const std::string& name : order) {
    auto found = change.changed.find(name);
    if (found == change.changed.end()) continue;
    const auto& [was, became] = found->second;
    Node& node = nodes_.at(name);
    if (became.deleted) {
      if (node.deleted && DeadOf(was, {}).empty()) node = was;
      continue;
    }
    if (node.deleted) continue;
    auto value = [](const Node& of, const std::string& field) {
      auto at = of.fields.find(field);
      return at == of.fields.end() ? std::string() : at->second;
    };
    std::set<std::string> fields;
    for (const Node* state : {&was, &became}) {
      for (const auto& [field, text] : state->fields) fields.insert(field);
    }
    for (const std::string& field : fields) {
      const std::string back = value(was, field);
      if (back == value(became, field) || value(node, field) != value(became, field)) continue;
      const bool circle = field.starts_with("parent_") && CollectionOf(name) != "opportunities" &&
                          WouldCircle(name, field, back);
      if (IsReference(field) && !back.empty() && (!Alive(back) || circle)) continue;
      SetField(&node, field, back);
    }
    if (name == subordinate) node.merged = false;
  }
}

}  // namespace crm::shard
