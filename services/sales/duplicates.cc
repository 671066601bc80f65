#include "services/sales/duplicates.h"

#include <algorithm>
#include <set>

#include "crm/sales/v1/duplicate_rule.pb.h"
#include "libs/record/fold.h"
#include "libs/record/key.h"
#include "libs/record/spans.h"

namespace crm::sales {
namespace {

using google::protobuf::Message;
using v1::DuplicateRule;
using Candidate = v1::DuplicatesDetected::Candidate;

DuplicateRule Rule(const std::string& title, const std::string& collection,
                   const std::vector<std::string>& fields) {
  DuplicateRule rule;
  rule.set_display_name(title);
  rule.set_base_type(collection);
  rule.set_matching_type(collection);
  rule.set_exclude_inactive(true);
  for (const std::string& field : fields) {
    DuplicateRule::Condition& condition = *rule.add_conditions();
    condition.set_base_field(field);
    condition.set_matching_field(field);
    condition.set_operator_(DuplicateRule::OPERATOR_EXACT);
    condition.set_ignore_blank(true);
  }
  return rule;
}

std::vector<DuplicateRule> RulesFor(const std::string& collection, const shard::Transaction& tx) {
  auto own = tx.FindBy<DuplicateRule>("base_type,state", {collection, "STATE_ACTIVE"});
  if (!own.empty()) return own;
  if (collection == "accounts") {
    return {Rule("Accounts with the same name", collection, {"folded_name"})};
  }
  if (collection == "contacts") {
    return {Rule("Contacts with the same e-mail address", collection, {"email"}),
            Rule("Contacts with the same name and telephone", collection,
                 {"telephone1", "first_name", "last_name"})};
  }
  return {};
}

std::string TextOf(const Message& message, const std::string& field) {
  const auto* found = message.GetDescriptor()->FindFieldByName(field);
  if (found == nullptr || found->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_STRING ||
      found->is_repeated())
    return "";
  return message.GetReflection()->GetString(message, found);
}

std::string TextOf(const record::RecordType& type, std::string_view image,
                   const std::string& field) {
  const record::Field* found = type.Find(field);
  return found == nullptr ? "" : std::string(record::TextIn(image, found->number));
}

// What is compared of a text.
std::string Compared(const DuplicateRule& rule, const DuplicateRule::Condition& condition,
                     const std::string& text) {
  std::string compared = rule.case_sensitive() ? text : record::Fold(text);
  const auto length = static_cast<size_t>(condition.length());
  if (condition.operator_() == DuplicateRule::OPERATOR_SAME_FIRST_CHARACTERS)
    return compared.substr(0, length);
  if (condition.operator_() == DuplicateRule::OPERATOR_SAME_LAST_CHARACTERS)
    return compared.substr(compared.size() - std::min(length, compared.size()));
  return compared;
}

bool Agrees(const DuplicateRule& rule, const Message& candidate, const record::RecordType& type,
            std::string_view image) {
  return std::all_of(
      rule.conditions().begin(), rule.conditions().end(), [&](const auto& condition) {
        const std::string ours =
            Compared(rule, condition, TextOf(candidate, condition.base_field()));
        const std::string theirs =
            Compared(rule, condition, TextOf(type, image, condition.matching_field()));
        return ours == theirs && !(ours.empty() && condition.ignore_blank());
      });
}

// Records that may agree: those with the value of the first condition that an index answers.
std::set<record::Uuid> LookUp(const DuplicateRule& rule, const Message& candidate,
                              const record::RecordType& type, const shard::Transaction& tx) {
  std::set<record::Uuid> ids;
  for (const DuplicateRule::Condition& condition : rule.conditions()) {
    const record::Index* index = type.FindIndex(condition.matching_field());
    const std::string text = TextOf(candidate, condition.base_field());
    if (index == nullptr || !index->decides || text.empty() ||
        condition.operator_() != DuplicateRule::OPERATOR_EXACT)
      continue;
    for (const std::string& spelling : {text, record::Fold(text)}) {
      auto key = record::EncodeValue(*type.Find(condition.matching_field()), spelling);
      if (key) ids.merge(tx.FindByIndex(type, *index, *key));
    }
    break;
  }
  return ids;
}

bool IsInactive(const record::RecordType& type, std::string_view image) {
  const record::Field* state = type.message->Find(record::kState);
  return state != nullptr && static_cast<int>(record::IntegerIn(image, record::kState)) !=
                                 state->options->default_number;
}

void Note(const DuplicateRule& rule, const std::string& name, std::string_view title,
          const std::string& collection, std::vector<Candidate>* found) {
  auto known = std::find_if(found->begin(), found->end(),
                            [&](const Candidate& candidate) { return candidate.name() == name; });
  if (known == found->end()) {
    known = found->emplace(found->end());
    known->set_target(collection);
    known->set_name(name);
    known->set_title(std::string(title));
    known->set_rule(rule.display_name());
  }
  for (const DuplicateRule::Condition& condition : rule.conditions()) {
    auto& fields = *known->mutable_matched_fields();
    if (std::find(fields.begin(), fields.end(), condition.matching_field()) == fields.end())
      *fields.Add() = condition.matching_field();
  }
}

}  // namespace

std::vector<Candidate> FindDuplicates(const std::string& collection, const Message& candidate,
                                      const shard::Transaction& tx) {
  std::vector<Candidate> found;
  const record::RecordType* type = tx.catalogue().FindType(collection);
  for (const DuplicateRule& rule : RulesFor(collection, tx)) {
    if (rule.matching_type() != collection) continue;
    for (const record::Uuid& id : LookUp(rule, candidate, *type, tx)) {
      auto image = tx.Find(*type, id);
      if (!image || image->empty() || (rule.exclude_inactive() && IsInactive(*type, *image)))
        continue;
      if (!Agrees(rule, candidate, *type, *image)) continue;
      Note(rule, collection + "/" + id.Text(), record::TextIn(*image, type->title->number),
           collection, &found);
    }
  }
  return found;
}

}  // namespace crm::sales
