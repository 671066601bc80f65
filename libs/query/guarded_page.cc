#include "libs/query/guarded_page.h"

#include <algorithm>

#include "libs/access/guard.h"
#include "libs/query/examined_page.h"
#include "libs/query/merged_page.h"

namespace crm::query {
namespace {

// Steps for finding what else than owners opens records, and records that are put in order at once.
constexpr size_t kMostOthers = 5'000;
constexpr size_t kMostSorted = 20'000;
// Records that are looked at before other ways are tried, for each one that the page may hold.
constexpr size_t kPatience = 16;

bool ReadsAll(const access::Subject& subject, const record::RecordType& type) {
  // Of what follows the record above it, it is that one's type that counts.
  if (type.annotation.ownership() == record::v1::Record::PARENT) return false;
  const auto index = subject.organization().FindType(type.number);
  return index != access::Organization::kNone &&
         subject.MostDepth(index, access::Right::kRead) == access::Depth::kOrganization;
}

// Whether it is likely that fewer records of all are looked at than ranges of single owners.
bool ReadsMany(const access::Subject& subject, const record::RecordType& type) {
  const access::Organization& organization = subject.organization();
  const size_t everybody = organization.users().size() + organization.teams().size();
  return !subject.ReadableOwners(type.number, std::max<size_t>(32, everybody / 8));
}

// nullopt: the page can not be had so.
std::optional<Page> ReadOpened(const Moment& moment, const record::RecordType& type,
                               const Plan& plan, bool merges, const std::string& after, size_t size,
                               bool count) {
  auto openers = FindOpeners(moment, type, kMostOthers);
  if (!openers) return std::nullopt;
  if (!merges) {
    if (!AddOwned(moment, type, openers->owners, kMostSorted, &openers->others))
      return std::nullopt;
    openers->owners.clear();
  }
  return ReadMergedPage(moment, type, plan, *openers, after, size, count);
}

}  // namespace

Page ReadGuardedPage(const Moment& moment, const record::RecordType& type, const Plan& plan,
                     const std::string& after, size_t size, bool count) {
  const store::IndexRange range = RangeOf(moment, type, plan, after);
  const access::Subject& subject = *moment.guard->subject();
  const bool all = ReadsAll(subject, type);
  const bool merges = MergesOwners(plan) && moment.as_of == store::kNow;
  Page page;
  bool found = false;
  if (all || !merges || ReadsMany(subject, type)) {
    found =
        ReadExaminedPage(moment, type, range, size, all ? SIZE_MAX : kPatience * (size + 1), &page);
  }
  if (all && count) page.total = CountAll(moment, type, plan);
  if (all || (found && !count)) return page;
  auto opened = ReadOpened(moment, type, plan, merges, after, size, count);
  // An index that is still being built gave nothing; others may do.
  const bool whole = moment.view.TakeMissing().empty();
  if (opened && whole) return std::move(*opened);
  if (!found) ReadExaminedPage(moment, type, range, size, SIZE_MAX, &page);
  if (count) page.total = CountExamined(moment, type, RangeOf(moment, type, plan, ""));
  return page;
}

}  // namespace crm::query
