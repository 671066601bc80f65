#include "services/sales/duplicate_rule.h"

#include <algorithm>

#include "crm/sales/v1/duplicate_rule.pb.h"

namespace crm::sales {
namespace {

using v1::DuplicateRule;

shard::Refusal Unusable(const std::string& field, const std::string& text) {
  return shard::Refusal(record::MakeStatus(record::kFailedPrecondition, "DUPLICATE_RULE_UNUSABLE",
                                           text, {{"field", field}}));
}

bool IsText(const record::RecordType& type, const std::string& name) {
  const record::Field* field = type.Find(name);
  return field != nullptr && field->kind == record::Kind::kText && !field->repeated;
}

// Whether candidates are found by the condition, rather than only compared.
bool Finds(const DuplicateRule::Condition& condition, const record::RecordType& type) {
  const record::Index* index = type.FindIndex(condition.matching_field());
  return index != nullptr && index->decides &&
         condition.operator_() == DuplicateRule::OPERATOR_EXACT;
}

std::optional<shard::Refusal> CheckUsable(const DuplicateRule& rule,
                                          const record::Catalogue& catalogue) {
  const std::string& collection = rule.base_type();
  if (collection != "accounts" && collection != "contacts") {
    return Unusable("base_type", "Duplicates are looked for among accounts and contacts, not " +
                                     collection + ".");
  }
  if (rule.matching_type() != collection)
    return Unusable("matching_type", "It must be " + collection + ", like base_type.");
  const record::RecordType& type = *catalogue.FindType(collection);
  bool finds = false;
  for (int i = 0; i < rule.conditions_size(); ++i) {
    const DuplicateRule::Condition& condition = rule.conditions(i);
    const std::string path = "conditions[" + std::to_string(i) + "].";
    if (!IsText(type, condition.base_field()))
      return Unusable(path + "base_field", "It must be a text of " + collection + ".");
    if (!IsText(type, condition.matching_field()))
      return Unusable(path + "matching_field", "It must be a text of " + collection + ".");
    finds |= Finds(condition, type);
  }
  if (finds) return std::nullopt;
  std::string fields;
  for (const record::Index& index : type.indexes) {
    if (index.decides && index.by.size() == 1 && IsText(type, index.name))
      fields += (fields.empty() ? "" : ", ") + index.name;
  }
  return Unusable("conditions", "One of them must be exact and of a field by which " + collection +
                                    " are found: " + fields + ".");
}

}  // namespace

std::optional<shard::Refusal> DeriveDuplicateRule(shard::Draft& draft,
                                                  const shard::Transaction& tx) {
  DuplicateRule rule;
  rule.ParseFromString(draft.Build());
  if (rule.state() != DuplicateRule::STATE_ACTIVE) return std::nullopt;
  return CheckUsable(rule, tx.catalogue());
}

}  // namespace crm::sales
