#include "libs/store/key.h"

#include <algorithm>

#include "libs/record/check.h"

namespace crm::store {

record::Uuid ReadId(std::string_view bytes) {
  CRM_CHECK(bytes.size() >= kIdSize);
  record::Uuid id;
  std::copy_n(bytes.begin(), kIdSize, id.bytes.begin());
  return id;
}

void AppendRecordKey(const RecordKey& key, std::string* out) {
  AppendTypePrefix(key.tenant, key.type, out);
  out->append(key.id.Bytes());
}

void AppendTypePrefix(TenantNumber tenant, uint16_t type, std::string* out) {
  AppendNumber(tenant, out);
  AppendNumber(type, out);
}

void AppendIndexPrefix(TenantNumber tenant, uint16_t type, uint16_t index, std::string* out) {
  AppendTypePrefix(tenant, type, out);
  AppendNumber(index, out);
}

std::string HistoryKey(const RecordKey& key, int64_t offset) {
  std::string out;
  AppendRecordKey(key, &out);
  AppendNumber(offset, &out);
  return out;
}

std::string ChangeKey(TenantNumber tenant, int64_t offset) {
  std::string out;
  AppendNumber(tenant, &out);
  AppendNumber(offset, &out);
  return out;
}

std::string TextKey(TenantNumber tenant, std::string_view text) {
  std::string out;
  AppendNumber(tenant, &out);
  out.append(text);
  return out;
}

std::string TenantKey(std::string_view tenant) { return std::string(kTenantPrefix).append(tenant); }

std::string ReplicaKey(std::string_view service, int partition) {
  return "replica/" + std::string(service) + "/" + std::to_string(partition);
}

size_t PastIndexes(const record::RecordType& type) {
  return static_cast<size_t>(std::count_if(type.indexes.begin(), type.indexes.end(),
                                           [](const auto& index) { return index.past; }));
}

std::string_view ImageOf(const record::RecordType& type, std::string_view row) {
  if (row.empty()) return row;
  const size_t since_size = PastIndexes(type) * kPositionSize;
  CRM_CHECK(row.size() >= since_size);
  return row.substr(since_size);
}

std::string NumberValue(int64_t number) {
  std::string out;
  AppendNumber(number, &out);
  return out;
}

std::string EncodeChange(const Change& change) {
  std::string out;
  AppendNumber(change.commit, &out);
  AppendNumber(change.type, &out);
  out.append(change.id.Bytes());
  AppendNumber(change.time_us, &out);
  return out;
}

Change DecodeChange(int64_t offset, std::string_view value) {
  CRM_CHECK(value.size() == 8 + 2 + kIdSize + 8);
  Change change;
  change.offset = offset;
  change.commit = TakeNumber<int64_t>(&value);
  change.type = TakeNumber<uint16_t>(&value);
  change.id = ReadId(value);
  change.time_us = ReadNumber<int64_t>(value.substr(kIdSize));
  return change;
}

std::string EncodeRequest(const RequestEntry& entry) {
  std::string out;
  AppendNumber(entry.position, &out);
  AppendNumber(entry.recorded_time_us, &out);
  out.append(entry.hash);
  return out;
}

RequestEntry DecodeRequest(std::string_view value) {
  CRM_CHECK(value.size() >= 16);
  RequestEntry entry;
  entry.position = TakeNumber<int64_t>(&value);
  entry.recorded_time_us = TakeNumber<int64_t>(&value);
  entry.hash = value;
  return entry;
}

std::string EncodeTenant(const TenantEntry& entry) {
  std::string out;
  AppendNumber(entry.number, &out);
  AppendNumber(entry.time_us, &out);
  out.push_back(entry.loading ? 1 : 0);
  return out;
}

TenantEntry DecodeTenant(std::string_view value) {
  CRM_CHECK(value.size() == 4 + 8 + 1);
  TenantEntry entry;
  entry.number = TakeNumber<TenantNumber>(&value);
  entry.time_us = TakeNumber<int64_t>(&value);
  entry.loading = value[0] != 0;
  return entry;
}

}  // namespace crm::store
