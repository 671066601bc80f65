#include "libs/store/key.h"

#include <algorithm>

#include "libs/record/check.h"
#include "libs/record/image.h"

namespace crm::store {
namespace {

constexpr int kLoading = 1;
constexpr int kParked = 2;
constexpr int kCascades = 4;

}  // namespace

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

namespace {

constexpr uint64_t kEarliest = uint64_t{1} << 63;  // so that times before 1970 come first

}  // namespace

std::string WakePrefix(TenantNumber tenant, int64_t due_us) {
  std::string out;
  AppendNumber(tenant, &out);
  AppendNumber(static_cast<uint64_t>(due_us) ^ kEarliest, &out);
  return out;
}

std::string WakeKey(const RecordKey& key, uint16_t field, int64_t due_us) {
  std::string out = WakePrefix(key.tenant, due_us);
  AppendNumber(key.type, &out);
  AppendNumber(field, &out);
  out.append(key.id.Bytes());
  return out;
}

std::string WakeOfAllKey(const RecordKey& key, uint16_t field, int64_t due_us) {
  std::string out = WakePrefix(0, due_us);
  AppendNumber(key.tenant, &out);
  AppendNumber(key.type, &out);
  AppendNumber(field, &out);
  out.append(key.id.Bytes());
  return out;
}

WakeEntry DecodeWake(std::string_view key, std::string_view value) {
  CRM_CHECK(key.size() >= 4 + 8 + 2 + 2 + kIdSize);
  WakeEntry entry;
  entry.key.tenant = TakeNumber<TenantNumber>(&key);
  entry.due_us = static_cast<int64_t>(TakeNumber<uint64_t>(&key) ^ kEarliest);
  if (entry.key.tenant == 0) entry.key.tenant = TakeNumber<TenantNumber>(&key);
  entry.key.type = TakeNumber<uint16_t>(&key);
  entry.field = TakeNumber<uint16_t>(&key);
  entry.key.id = ReadId(key);
  entry.tenant = value;
  return entry;
}

std::vector<int64_t> WakeTimesOf(const record::RecordType& type, std::string_view image) {
  const auto& fields = type.annotation.wake();
  std::vector<int64_t> times(static_cast<size_t>(fields.size()));
  const auto spans = image.empty() ? std::nullopt : record::Spans::Read(image);
  if (!spans) return times;
  for (size_t i = 0; i < times.size(); ++i) {
    const record::Field* field = type.Find(fields[static_cast<int>(i)]);
    times[i] = record::TimeOf(spans->Text(field->number));
  }
  return times;
}

std::string TenantKey(std::string_view tenant) { return std::string(kTenantPrefix).append(tenant); }

std::string ReplicaKey(std::string_view service, int partition) {
  return "replica/" + std::string(service) + "/" + std::to_string(partition);
}

std::string BuildingKey(uint16_t type, uint16_t index) {
  std::string out = "building/";
  AppendNumber(type, &out);
  AppendNumber(index, &out);
  return out;
}

std::string ReachedKey(std::string_view reactor, std::string_view service, int partition) {
  return "reached/" + std::string(reactor) + "/" + std::string(service) + "/" +
         std::to_string(partition);
}

std::string ApartKey(std::string_view reactor, std::string_view service, int partition,
                     std::string_view tenant) {
  return "apart/" + std::string(reactor) + "/" + std::string(service) + "/" +
         std::to_string(partition) + "/" + std::string(tenant);
}

std::string ReadingKey(std::string_view reader) { return "reading/" + std::string(reader); }

std::string CascadePrefix(TenantNumber tenant, bool ever) {
  std::string out = ever ? "cascade/ever/" : "cascade/now/";
  AppendNumber(tenant, &out);
  return out;
}

std::string CascadeKey(const RecordKey& key, bool ever) {
  std::string out = CascadePrefix(key.tenant, ever);
  AppendNumber(key.type, &out);
  out.append(key.id.Bytes());
  return out;
}

std::string MovingPrefix(TenantNumber tenant) {
  std::string out = "moving/";
  AppendNumber(tenant, &out);
  return out;
}

std::string MovingKey(const RecordKey& key) {
  std::string out = MovingPrefix(key.tenant);
  AppendNumber(key.type, &out);
  out.append(key.id.Bytes());
  return out;
}

std::string_view ImageOf(std::string_view row) {
  if (row.empty()) return row;
  const size_t head = 1 + static_cast<uint8_t>(row.front()) * kPositionSize;
  CRM_CHECK(row.size() >= head);
  return row.substr(head);
}

std::string_view SplitRow(std::string_view row, size_t slots, std::vector<int64_t>* since) {
  since->assign(slots, row.empty() ? 0 : kUnknownSince);
  if (row.empty()) return row;
  const size_t there = static_cast<uint8_t>(row.front());
  row.remove_prefix(1);
  CRM_CHECK(row.size() >= there * kPositionSize && there <= slots);
  for (size_t i = 0; i < there; ++i) (*since)[i] = TakeNumber<int64_t>(&row);
  return row;
}

void AppendRowHead(const std::vector<int64_t>& since, std::string* out) {
  out->push_back(static_cast<char>(since.size()));
  for (const auto one : since) AppendNumber(one, out);
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
  out.push_back(static_cast<char>((entry.loading ? kLoading : 0) | (entry.parked ? kParked : 0) |
                                  (entry.cascades ? kCascades : 0)));
  return out;
}

TenantEntry DecodeTenant(std::string_view value) {
  CRM_CHECK(value.size() == 4 + 8 + 1);
  TenantEntry entry;
  entry.number = TakeNumber<TenantNumber>(&value);
  entry.time_us = TakeNumber<int64_t>(&value);
  entry.loading = (value[0] & kLoading) != 0;
  entry.parked = (value[0] & kParked) != 0;
  entry.cascades = (value[0] & kCascades) != 0;
  return entry;
}

std::string EncodeApart(const ApartEntry& entry) {
  std::string out;
  AppendNumber(entry.offset, &out);
  out.push_back(entry.parked ? 1 : 0);
  out.append(entry.refusal);
  return out;
}

ApartEntry DecodeApart(std::string_view value) {
  CRM_CHECK(value.size() >= 8 + 1);
  ApartEntry entry;
  entry.offset = TakeNumber<int64_t>(&value);
  entry.parked = value[0] != 0;
  entry.refusal = value.substr(1);
  return entry;
}

}  // namespace crm::store
