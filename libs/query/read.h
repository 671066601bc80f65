#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crm/record/v1/methods.pb.h"
#include "libs/query/plan.h"
#include "libs/store/hiding.h"
#include "libs/store/view.h"

namespace crm::access {
class Guard;
}

// Reading records at one state of the projections, now or as of a past moment.
namespace crm::query {

// A tenant in a view, and the moment that is read.
struct Moment {
  const store::View& view;
  store::TenantNumber tenant = 0;
  int64_t as_of = store::kNow;                            // a position
  std::shared_ptr<const store::Hiding> hiding = nullptr;  // null: nothing is hidden
  // Whose eyes see it: what they may not read is not there; null: everything is.
  const access::Guard* guard = nullptr;

  // What is hidden at that moment counts as deleted.
  static Moment At(const store::View& view, const record::Catalogue& catalogue,
                   const store::TenantEntry& tenant, int64_t as_of = store::kNow);
};

// The record's image; nullopt where there is none at that moment.
std::optional<std::string> ReadRecord(const Moment& moment, const record::RecordType& type,
                                      const record::Uuid& id);
// The same of several, in the order of their ids; cheaper than one by one.
std::vector<std::optional<std::string>> ReadRecords(const Moment& moment,
                                                    const record::RecordType& type,
                                                    const std::vector<record::Uuid>& ids);

struct Page {
  std::vector<std::string> images;
  std::string last_key;  // to go on after; empty: this was the last page
  int64_t total = 0;     // if counted
};
// `after`: last_key of the page before, or empty.
Page ReadPage(const Moment& moment, const record::RecordType& type, const Plan& plan,
              const std::string& after, size_t size, bool count);

// The plan's range behind (or, in reverse, before) the last key of the page before.
store::IndexRange RangeOf(const Moment& moment, const record::RecordType& type, const Plan& plan,
                          const std::string& after);
// How many records the plan selects; nobody's rights are in the way.
int64_t CountAll(const Moment& moment, const record::RecordType& type, const Plan& plan);

// A record's image inside a message of the log; empty for a deletion.
std::string ImageOf(const log::Stored& message);

// One event as a change, with what it changed against the record's version before.
record::v1::Change DescribeChange(const store::View& view, store::TenantNumber tenant,
                                  const record::RecordType& type, const record::Uuid& id,
                                  const log::Stored& event);

}  // namespace crm::query
