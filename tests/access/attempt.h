#pragma once

#include <functional>

#include "tests/access/depths.h"

namespace crm::test {

// One caller before one record.
struct Attempt {
  const Caller& caller;
  const RecordType& type;
  Where where;
  std::string name;
  Tested tested;  // called by the caller

  bool Covers(record::v1::Right right) const { return Depths::Covers(caller, right, type, where); }

  // What everybody is tried in. It is set up once: the tests leave nothing behind that another one
  // would see.
  static Depths& World();
};

// Calls `check` with everybody chosen before every record that they are to be tried on.
void ForEachAttempt(const std::function<bool(const Caller&)>& chosen,
                    const std::function<void(const Attempt&)>& check);
// Whom a method that needs the right is to be tried by.
std::function<bool(const Caller&)> Concerned(record::v1::Right right);
// A refusal that has to do with rights.
bool IsForRights(const Outcome& outcome);

}  // namespace crm::test
