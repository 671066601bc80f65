#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "libs/record/uuid.h"
#include "libs/store/view.h"

// Keys and values of a shard's tables, each a column family of its name.
//
//   record      tenant type id                        -> since* image; nothing: a deleted record
//                                                        (a since for each index that is kept for
//                                                        past moments, in the order of the indexes)
//   index       tenant type index values id           -> since
//   index_past  tenant type index node values id to   -> from
//   history     tenant type id offset                 -> a message's body (log/record.h)
//   change      tenant offset                         -> commit type id time
//   request     tenant text                           -> position recorded-time hash
//   outbox      tenant text                           -> number
//   meta        "state"                               -> log::Automaton::State
//               "fingerprint"                         -> the catalogue's
//               "tenant/" text                        -> tenant time loading
//               "replica/" service "/" partition      -> log::Automaton::State of what is followed
//
//   tenant: 4 bytes; type, index: 2; id: 16; loading: 1 (0 or 1); values: record/key.h
//   since, node, to, from, offset, commit, position, number, times: 8 bytes
//   hash, text: to the end
//   Numbers are big-endian, so that the order of the keys is the order of the numbers.
//   Replicas have rows in `record` and `index` only, and offsets of the log that they are from.
namespace crm::store {

inline constexpr std::string_view kStateKey = "state";
inline constexpr std::string_view kFingerprintKey = "fingerprint";
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
std::string TenantKey(std::string_view tenant);
std::string ReplicaKey(std::string_view service, int partition);

// How many numbers stand before the image in a live record's row.
size_t PastIndexes(const record::RecordType& type);
// The image in a record's row.
std::string_view ImageOf(const record::RecordType& type, std::string_view row);

std::string NumberValue(int64_t number);
std::string EncodeChange(const Change& change);  // all but the offset, which is in the key
Change DecodeChange(int64_t offset, std::string_view value);
std::string EncodeRequest(const RequestEntry& entry);
RequestEntry DecodeRequest(std::string_view value);
std::string EncodeTenant(const TenantEntry& entry);
TenantEntry DecodeTenant(std::string_view value);

}  // namespace crm::store
