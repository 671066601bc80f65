#include "libs/query/plan.h"

#include <algorithm>

#include "libs/record/key.h"

namespace crm::query {
namespace {

// Every value that is set sorts after the mark of one that is not (record/key.h).
constexpr char kSet = 2;

std::vector<const Term*> TermsOn(const std::vector<Term>& terms, const record::FieldPath& path) {
  std::vector<const Term*> found;
  for (const Term& term : terms) {
    if (term.path == path) found.push_back(&term);
  }
  return found;
}

bool IsRange(const Term& term) { return term.comparison != Comparison::kEqual; }

// Narrows [from, to) to what the range terms on one field allow.
void Narrow(const std::vector<const Term*>& terms, const std::string& prefix, Plan* plan) {
  plan->from = prefix + kSet;
  plan->to = record::PrefixEnd(prefix + kSet);
  for (const Term* term : terms) {
    const std::string key = prefix + term->value;
    switch (term->comparison) {
      case Comparison::kGreater:
        plan->from = std::max(plan->from, record::PrefixEnd(key));
        break;
      case Comparison::kGreaterOrEqual:
        plan->from = std::max(plan->from, key);
        break;
      case Comparison::kLess:
        plan->to = std::min(plan->to, key);
        break;
      case Comparison::kLessOrEqual:
        plan->to = std::min(plan->to, record::PrefixEnd(key));
        break;
      case Comparison::kEqual:
        break;
    }
  }
}

// The index's fields from `at` on are the order's, all in one direction.
bool Orders(const record::Index& index, size_t at, const std::vector<OrderField>& order) {
  if (order.empty()) return true;
  if (index.by.size() < at + order.size()) return false;
  for (size_t i = 0; i < order.size(); ++i) {
    if (index.by[at + i] != order[i].path || order[i].descending != order[0].descending)
      return false;
  }
  return true;
}

bool Serves(const record::Index& index, const std::vector<Term>& terms,
            const std::vector<OrderField>& order, Plan* plan) {
  std::string prefix;
  size_t used = 0;
  size_t at = 0;
  for (; at < index.by.size(); ++at) {
    auto on = TermsOn(terms, index.by[at]);
    if (on.size() != 1 || IsRange(*on.front())) break;
    prefix += on.front()->value;
    ++used;
  }
  plan->index = &index;
  plan->from = prefix;
  plan->to = prefix.empty() ? "" : record::PrefixEnd(prefix);
  if (at < index.by.size()) {
    auto on = TermsOn(terms, index.by[at]);
    const bool ranges = !on.empty() && std::all_of(on.begin(), on.end(),
                                                   [](const Term* term) { return IsRange(*term); });
    if (ranges) {
      Narrow(on, prefix, plan);
      used += on.size();
    }
  }
  if (index.sparse && (plan->from.empty() || plan->from.front() != kSet)) return false;
  plan->reverse = !order.empty() && order.front().descending;
  return used == terms.size() && Orders(index, at, order);
}

bool Tells(const record::Index& index, const std::vector<uint32_t>& hidden) {
  return std::any_of(index.by.begin(), index.by.end(), [&](const record::FieldPath& path) {
    return std::find(hidden.begin(), hidden.end(), path.front()->number) != hidden.end();
  });
}

std::string Wanted(const std::vector<Term>& terms, const std::vector<OrderField>& order) {
  std::vector<std::string> names;
  for (bool ranges : {false, true}) {
    for (const Term& term : terms) {
      if (IsRange(term) == ranges) names.push_back(term.name);
    }
  }
  for (const OrderField& field : order) names.push_back(field.name);
  std::string text;
  for (const std::string& name : names) {
    if (text.find(name) == std::string::npos) text += (text.empty() ? "" : ", ") + name;
  }
  return text;
}

}  // namespace

record::Status MakePlan(const record::RecordType& type, const std::vector<Term>& terms,
                        const std::vector<OrderField>& order, bool as_of,
                        const std::vector<uint32_t>& hidden, Plan* plan) {
  std::vector<OrderField> wanted = order;
  if (wanted.empty() && terms.empty()) {
    wanted.push_back({{type.message->Find(record::kCreateTime)}, "create_time", true});
  }
  for (const record::Index& index : type.indexes) {
    if ((as_of && !index.past) || Tells(index, hidden)) continue;
    if (Serves(index, terms, wanted, plan)) return {};
  }
  const std::string fields = Wanted(terms, wanted);
  return record::MakeStatus(record::kFailedPrecondition, "NO_INDEX",
                            "No index of " + type.collection +
                                (as_of ? " that is kept for past moments" : "") + " begins with " +
                                fields + ".",
                            {{"collection", type.collection}, {"index", fields}});
}

}  // namespace crm::query
