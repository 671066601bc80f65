#include "libs/record/check.h"
#include "libs/record/key.h"
#include "libs/shard/standard.h"

// The tenant's rules which statuses may follow which: records of the collection status_transitions
// in the same service, read here by field name because every record type obeys them.
namespace crm::shard {
namespace {

std::string StatusName(const record::RecordType& type, uint64_t number) {
  const record::OptionValue* value =
      type.message->Find(record::kStatus)->options->Find(static_cast<int>(number));
  return value == nullptr ? "" : value->name;
}

bool Allows(const record::Spans& rule, const record::RecordType& rules, const std::string& to) {
  for (const record::Span& status : rule.All(rules.Find("to_statuses")->number)) {
    if (status.payload == to) return true;
  }
  return false;
}

}  // namespace

record::Status CheckStatusFollows(const record::RecordType& type, std::string_view before,
                                  std::string_view after, const Transaction& tx) {
  const record::Field* status = type.message->Find(record::kStatus);
  if (before.empty() || status == nullptr || status->options == nullptr) return {};
  const uint64_t was = record::IntegerIn(before, record::kStatus);
  const uint64_t is = record::IntegerIn(after, record::kStatus);
  const record::RecordType* rules = tx.catalogue().FindType("status_transitions");
  if (was == is || rules == nullptr) return {};
  const record::Index* by_type = rules->FindIndex("record_type");
  CRM_CHECK(by_type != nullptr);
  const std::string from = StatusName(type, was);
  const std::string to = StatusName(type, is);
  bool ruled = false;
  for (const record::Uuid& id : tx.FindByIndex(
           *rules, *by_type, *record::EncodeValue(*rules->Find("record_type"), type.collection))) {
    auto image = tx.Find(*rules, id);
    if (!image || image->empty()) continue;
    ruled = true;
    auto rule = record::Spans::Read(*image);
    if (rule->Text(rules->Find("from_status")->number) == from && Allows(*rule, *rules, to))
      return {};
  }
  if (!ruled) return {};
  return record::MakeStatus(record::kFailedPrecondition, "INVALID_TRANSITION",
                            "By the organization's rules " + to + " does not follow " + from + ".",
                            {{"from", from}, {"to", to}});
}

}  // namespace crm::shard
