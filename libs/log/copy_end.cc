#include "libs/log/copy_end.h"

#include <optional>

#include "libs/log/facts.h"

namespace crm::log {
namespace {

enum class Stage { kNot, kNothingYet, kInPart, kToItsEnd };

// Nobody reads under a copy's claim, so that it is the only one without a lease.
bool IsOfCopy(const Stored& message) {
  const auto facts = ReadFacts(*message.body);
  if (!facts || facts->kind != Facts::Kind::kClaim) return false;
  const auto claim = ReadClaim(facts->value);
  return claim && claim->number == 1 && claim->lease_ms == 0;
}

record::Result<Stage> Look(Log& log, int partition) {
  const auto end = log.End(partition);
  if (!end) return end.error();
  if (*end == 0) return Stage::kNothingYet;
  const auto first = log.ReadOne(partition, 0);
  if (!first) return first.error();
  if (!*first || !IsOfCopy(**first)) return Stage::kNot;
  const auto last = log.ReadOne(partition, *end - 1);
  if (!last) return last.error();
  // Offsets that only a broker's own records have can not be read.
  const auto facts = *last ? ReadFacts(*(*last)->body) : std::nullopt;
  const bool ended = !facts || facts->claim != 1 || facts->kind == Facts::Kind::kReleased;
  return ended ? Stage::kToItsEnd : Stage::kInPart;
}

}  // namespace

record::Result<record::Done> CheckCopyEnded(Log& log) {
  bool begun = false;
  bool ended = true;
  for (int partition = 0; partition < log.partitions(); ++partition) {
    const auto copied = Look(log, partition);
    if (!copied) return copied.error();
    if (*copied == Stage::kNot) return record::Done{};
    begun = begun || *copied != Stage::kNothingYet;
    ended = ended && *copied == Stage::kToItsEnd;
  }
  // A log in which there is nothing at all is a new one.
  if (!begun || ended) return record::Done{};
  return record::Error{
      "it is a copy that is under way, or was interrupted and lacks events: delete it, and copy "
      "anew"};
}

}  // namespace crm::log
