#include "libs/log/content.h"

#include <optional>
#include <string>
#include <utility>

#include "libs/log/facts.h"

namespace crm::log {
namespace {

constexpr int kAsks = 2;
constexpr int kLooks = 3;

// A message that had been read, or nullopt if it is gone. A partition's new leader shows what it
// has only once its followers have it as well: that it shows nothing here means something only
// where the log is known to go on behind it.
record::Result<std::optional<Stored>> LookAt(Log& log, int partition, int64_t offset,
                                             int64_t position) {
  for (int attempt = 0; attempt < kLooks; ++attempt) {
    auto read = log.ReadOne(partition, offset);
    if (!read || *read) return read;
    const auto end = EndNotBelow(log, partition, position, {});
    if (!end) return end.error();
  }
  return std::optional<Stored>();
}

record::Result<record::Done> CompareFirst(Log& log, int partition, const Automaton::State& read) {
  const auto first = LookAt(log, partition, 0, read.next);
  if (!first) return first.error();
  if (!*first) return record::Error{"the log does not begin at 0"};
  const auto facts = ReadFacts(*(*first)->body);
  if (!facts || facts->kind != Facts::Kind::kClaim || facts->claim_id != read.log_id) {
    return record::Error{"this is another log than the one that was read before"};
  }
  return record::Done{};
}

record::Result<record::Done> CompareLast(Log& log, int partition, const Automaton::State& read) {
  const auto last = LookAt(log, partition, read.last_offset, read.next);
  if (!last) return last.error();
  const auto facts = *last ? ReadFacts(*(*last)->body) : std::nullopt;
  if (!facts || facts->claim != read.last_claim || facts->claim_id != read.last_claim_id ||
      facts->seq != read.last_seq) {
    return record::Error{"the record at offset " + std::to_string(read.last_offset) +
                         " is not the one that was read there"};
  }
  return record::Done{};
}

}  // namespace

record::Result<int64_t> EndNotBelow(Log& log, int partition, int64_t position,
                                    Mutations mutations) {
  int64_t end = 0;
  for (int attempt = 0; attempt < kAsks; ++attempt) {
    const auto asked = log.End(partition);
    if (!asked) return asked.error();
    end = *asked;
    if (end >= position || mutations.Has(Mutation::kNoContentCheck)) return end;
  }
  return record::Error{"the log ends at " + std::to_string(end) + ", but had been read up to " +
                       std::to_string(position)};
}

record::Result<int64_t> CompareContent(Log& log, int partition, const Automaton::State& read,
                                       Mutations mutations) {
  if (read.log_id == 0 || mutations.Has(Mutation::kNoContentCheck)) return 0;
  if (read.partitions != static_cast<uint32_t>(log.partitions())) {
    return record::Error{"the log has another number of partitions than before"};
  }
  auto end = EndNotBelow(log, partition, read.next, mutations);
  if (!end || read.last_offset < 0) return end;
  const auto first = CompareFirst(log, partition, read);
  if (!first) return first.error();
  const auto last = CompareLast(log, partition, read);
  if (!last) return last.error();
  return end;
}

}  // namespace crm::log
