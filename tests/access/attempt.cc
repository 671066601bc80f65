#include "tests/access/attempt.h"

namespace crm::test {
namespace {

constexpr char kTenant[] = "depths";

}  // namespace

Depths& Attempt::World() {
  static Depths depths(kTenant);
  return depths;
}

void ForEachAttempt(const std::function<bool(const Caller&)>& chosen,
                    const std::function<void(const Attempt&)>& check) {
  const Depths& world = Attempt::World();
  for (const RecordType* type : world.types()) {
    const Tested tested(Schema::Shared(), *type, kTenant);
    for (const Caller& caller : world.callers()) {
      if (!chosen(caller)) continue;
      for (const Where where : kEverywhere) {
        const std::string name = world.RecordAt(*type, caller, where);
        if (name.empty()) continue;
        SCOPED_TRACE(type->collection + ' ' + caller.sign_in_name + " at " +
                     std::to_string(static_cast<int>(where)));
        check({caller, *type, where, name, tested.With(caller.client)});
      }
    }
  }
}

std::function<bool(const Caller&)> Concerned(record::v1::Right right) {
  return [right](const Caller& caller) { return !caller.varied || caller.varied == right; };
}

bool IsForRights(const Outcome& outcome) {
  return (outcome.code == 5 && outcome.reason == "NOT_FOUND") ||
         (outcome.code == 7 &&
          (outcome.reason == "MISSING_RIGHT" || outcome.reason == "MISSING_PRIVILEGE"));
}

}  // namespace crm::test
