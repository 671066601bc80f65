#include <algorithm>

#include "libs/record/catalogue_tables.h"
#include "libs/record/key.h"

namespace crm::record {
namespace {

const v1::RollUp* FindRollUp(const RecordType& type, std::string_view name) {
  for (const v1::RollUp& roll_up : type.annotation.roll_up()) {
    if (roll_up.name() == name) return &roll_up;
  }
  return nullptr;
}

// An index that is kept for past moments and begins with the roll-up's groups.
const Index* IndexFor(const RecordType& type, const v1::RollUp& roll_up) {
  for (const Index& index : type.indexes) {
    const auto groups = static_cast<size_t>(roll_up.by_size());
    if (!index.past || index.by.size() < groups) continue;
    bool same = true;
    for (size_t i = 0; i < groups; ++i)
      same = same && index.by[i] == FindPath(*type.message, roll_up.by(static_cast<int>(i)));
    if (same) return &index;
  }
  return nullptr;
}

// What is wrong with a declaration; empty: nothing, and `computed` is filled.
std::string Compile(const CatalogueTables& tables, const RecordType& type, const Field& field,
                    ComputedField* computed) {
  const v1::Computed& declared = field.annotation.computed();
  const size_t slash = declared.roll_up().find('/');
  auto of = tables.by_collection.find(declared.roll_up().substr(0, slash));
  if (slash == std::string::npos || of == tables.by_collection.end())
    return "names no roll-up of a record type";
  const v1::RollUp* roll_up = FindRollUp(*of->second, declared.roll_up().substr(slash + 1));
  if (roll_up == nullptr || roll_up->by_size() != declared.group_size() + 1)
    return "needs a roll-up with one group more than it names values";
  *computed = {&field, of->second, IndexFor(*of->second, *roll_up), "", nullptr};
  if (computed->index == nullptr) return "needs an index for past moments by the roll-up's groups";
  const auto& to = computed->index->by.front().front()->annotation.reference().to();
  if (std::find(to.begin(), to.end(), type.collection) == to.end())
    return "needs a roll-up that is grouped by a reference to its type first";
  for (int i = 0; i < declared.group_size(); ++i) {
    auto value =
        EncodeValue(*computed->index->by[static_cast<size_t>(i) + 1].back(), declared.group(i));
    if (!value) return declared.group(i) + " is no value of its group";
    computed->group += *value;
  }
  if (declared.sum().empty()) return field.kind == Kind::kInteger ? "" : "a count is a number";
  computed->sum = of->second->Find(declared.sum());
  const bool summed = std::find(roll_up->sum().begin(), roll_up->sum().end(), declared.sum()) !=
                      roll_up->sum().end();
  return summed && computed->sum->kind == Kind::kMoney && field.kind == Kind::kMoney
             ? ""
             : "sums a money field that its roll-up sums";
}

}  // namespace

void BuildComputed(CatalogueTables* tables, Problems* problems) {
  for (auto& [number, type] : tables->types) {
    for (const Field& field : type->message->fields) {
      if (!field.annotation.has_computed()) continue;
      ComputedField computed;
      std::string problem = Compile(*tables, *type, field, &computed);
      if (!field.output_only) problem = "is output-only";
      if (!problem.empty()) {
        problems->push_back(type->message->full_name + "." + field.name + ": a computed field " +
                            problem);
      } else {
        type->computed.push_back(std::move(computed));
      }
    }
  }
}

}  // namespace crm::record
