#include "libs/record/catalogue_tables.h"

namespace crm::record {
namespace {

bool MayReferToRecords(const Field& field) {
  return field.kind == Kind::kReference || (field.kind == Kind::kMessage && !field.map);
}

bool HasDefault(const Field& field) {
  if (field.repeated || field.optional) return false;
  if (field.number == kOwner || field.number == kStatus) return true;
  return field.kind == Kind::kOption && field.options->default_number != 0;
}

void GroupFieldsOf(RecordType* type) {
  type->currency = type->Find("currency");
  for (const Field& field : type->message->fields) {
    if (HasDefault(field)) type->defaulted.push_back(&field);
    if (field.output_only || field.identifier) type->ignored.push_back(&field);
    if (field.annotation.reference().acyclic()) type->acyclic.push_back(&field);
    const bool given = field.annotation.base_of().empty() && !field.annotation.has_computed();
    if (field.kind == Kind::kMoney && given) type->amounts.push_back({&field, nullptr});
  }
  for (const Field& field : type->message->fields) {
    for (Amount& amount : type->amounts) {
      if (amount.field->name == field.annotation.base_of()) amount.base = &field;
    }
  }
}

}  // namespace

void GroupFields(CatalogueTables* tables) {
  for (auto& [name, message] : tables->messages) {
    for (const Field& field : message->fields) {
      if (MayReferToRecords(field)) message->references.push_back(&field);
    }
  }
  for (auto& [number, type] : tables->types) GroupFieldsOf(type.get());
}

void FollowIndexes(CatalogueTables* tables) {
  for (auto& [number, type] : tables->types) {
    for (Index& index : type->indexes) {
      index.followed = index.followed || index.unique || index.decides;
    }
    for (const Referrer& referrer : type->referrers) {
      if (referrer.index == nullptr) continue;
      tables->types.at(referrer.from->number)->indexes[referrer.index->number].followed = true;
    }
  }
}

}  // namespace crm::record
