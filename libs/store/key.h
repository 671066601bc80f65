#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "libs/record/uuid.h"
#include "libs/store/view.h"

// Keys and values of a shard's tables, each a column family of its name.
//
//   record      tenant type id                        -> slots since* image; nothing: a deleted
//                                                        record (so many sinces as `slots` says, of
//                                                        indexes kept for past moments, layout.h)
//   index       tenant type index values id           -> since
//   index_past  tenant type index node values id to   -> from
//   history     tenant type id offset                 -> a message's body (log/record.h)
//   change      tenant offset                         -> commit type id time
//   request     tenant text                           -> position recorded-time hash
//   outbox      tenant text                           -> number
//   wake        tenant due type field id              -> nothing
//               0 due tenant type field id            -> tenant-text; the same of all tenants
//   meta        "state"                               -> log::Automaton::State
//               "layout"                              -> see layout.h
//               "passed over"                         -> nothing; some event has no record type
//               "building/" type index                -> key in `record`; what comes before it is
//                                                        in the index
//               "tenant/" text                        -> tenant time flags
//               "replica/" service "/" partition      -> log::Automaton::State of what is followed
//               "cascade/now/" tenant type id         -> nothing: it has a delete_time
//               "cascade/ever/" tenant type id        -> nothing: it has had one
//               "moving/" tenant type id              -> nothing: it has a moving_time
//               "reached/" reactor "/" service "/" partition
//                                                     -> offset
//               "apart/" reactor "/" service "/" partition "/" tenant-text
//                                                     -> offset parked refusal; nothing: together
//               "reading/" text                       -> log::Automaton::State; nothing: none
//
//   tenant, 0: 4 bytes; type, index: 2; field: 2, which of the type's waking fields; slots: 1; id:
//   16 flags: 1 (1 loading, 2 parked, 4 cascades); parked: 1 (0 or 1); values: record/key.h due: 8
//   bytes, the time plus 2^63 since, node, to, from, offset, commit, position, number, times: 8
//   bytes hash, text, refusal: to the end Numbers are big-endian, so that the order of the keys is
//   the order of the numbers. Replicas have rows in `record` and `index` only, and offsets of the
//   log that they are from.
namespace crm::store {

inline constexpr std::string_view kStateKey = "state";
inline constexpr std::string_view kLayoutKey = "layout";
inline constexpr std::string_view kPassedOverKey = "passed over";
inline constexpr std::string_view kTenantPrefix = "tenant/";
inline constexpr size_t kIdSize = 16;
inline constexpr size_t kPositionSize = 8;
inline constexpr size_t kRecordKeySize = 22;
inline constexpr size_t kTypePrefixSize = 6;
inline constexpr size_t kIndexPrefixSize = 8;

template <class Number>
void AppendNumber(Number number, std::string* out) {
  char bytes[sizeof(Number)];
  for (size_t i = 0; i < sizeof(Number); ++i) {
    bytes[i] = static_cast<char>(static_cast<uint64_t>(number) >> (8 * (sizeof(Number) - 1 - i)));
  }
  out->append(bytes, sizeof(Number));
}

// The number at the beginning of `bytes`, which must be long enough.
template <class Number>
Number ReadNumber(std::string_view bytes) {
  uint64_t number = 0;
  for (size_t i = 0; i < sizeof(Number); ++i) {
    number = number << 8 | static_cast<uint8_t>(bytes[i]);
  }
  return static_cast<Number>(number);
}

// The same, moving behind it.
template <class Number>
Number TakeNumber(std::string_view* bytes) {
  const auto number = ReadNumber<Number>(*bytes);
  bytes->remove_prefix(sizeof(Number));
  return number;
}

record::Uuid ReadId(std::string_view bytes);

// Of `record`; followed by an offset, of `history`.
void AppendRecordKey(const RecordKey& key, std::string* out);
// Of everything that a tenant has of one type, in `record`, `index`, `index_past` and `history`.
void AppendTypePrefix(TenantNumber tenant, uint16_t type, std::string* out);
// Of an index; followed by values and an id, of `index`.
void AppendIndexPrefix(TenantNumber tenant, uint16_t type, uint16_t index, std::string* out);
std::string HistoryKey(const RecordKey& key, int64_t offset);
std::string ChangeKey(TenantNumber tenant, int64_t offset);
// Of `request` and `outbox`.
std::string TextKey(TenantNumber tenant, std::string_view text);
// Of `wake`: of one tenant, and of all.
std::string WakeKey(const RecordKey& key, uint16_t field, int64_t due_us);
std::string WakeOfAllKey(const RecordKey& key, uint16_t field, int64_t due_us);
std::string WakePrefix(TenantNumber tenant, int64_t due_us);
WakeEntry DecodeWake(std::string_view key, std::string_view value);
std::string TenantKey(std::string_view tenant);
std::string ReplicaKey(std::string_view service, int partition);
// Of a tenant's cascades; followed by type and id.
std::string CascadePrefix(TenantNumber tenant, bool ever);
std::string CascadeKey(const RecordKey& key, bool ever);
// Of a tenant's merges under way; followed by type and id.
std::string MovingPrefix(TenantNumber tenant);
std::string MovingKey(const RecordKey& key);
std::string ReachedKey(std::string_view reactor, std::string_view service, int partition);
std::string ApartKey(std::string_view reactor, std::string_view service, int partition,
                     std::string_view tenant);
std::string ReadingKey(std::string_view reader);

std::string BuildingKey(uint16_t type, uint16_t index);

// Since when a record stands where it does in an index is not in its row: the index was added after
// it was written. The index's own row has it.
inline constexpr int64_t kUnknownSince = -1;
// The image in a record's row, and, for `slots` indexes, its sinces.
std::string_view ImageOf(std::string_view row);
std::string_view SplitRow(std::string_view row, size_t slots, std::vector<int64_t>* since);
// What stands before the image.
void AppendRowHead(const std::vector<int64_t>& since, std::string* out);

std::string NumberValue(int64_t number);
std::string EncodeChange(const Change& change);  // all but the offset, which is in the key
Change DecodeChange(int64_t offset, std::string_view value);
std::string EncodeRequest(const RequestEntry& entry);
RequestEntry DecodeRequest(std::string_view value);
std::string EncodeTenant(const TenantEntry& entry);
TenantEntry DecodeTenant(std::string_view value);
std::string EncodeApart(const ApartEntry& entry);  // all but the tenant, which is in the key
ApartEntry DecodeApart(std::string_view value);

}  // namespace crm::store
