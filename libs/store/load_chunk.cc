#include "libs/store/load_chunk.h"

#include <algorithm>
#include <functional>
#include <future>
#include <optional>
#include <semaphore>
#include <span>
#include <thread>
#include <tuple>

#include "libs/record/name.h"
#include "libs/store/key.h"

namespace crm::store {
namespace {

// A table that is about as much work as all the others is written by two threads; not by more,
// because each file makes reading dearer until it is merged.
constexpr size_t kIndexFiles = 2;

size_t Workers() { return std::max(2u, std::thread::hardware_concurrency()); }

// Loads of all stores of the process use no more threads at a time than the machine has.
std::counting_semaphore<>& Threads() {
  static std::counting_semaphore<> threads(static_cast<ptrdiff_t>(Workers()));
  return threads;
}

using Tasks = std::vector<std::function<void()>>;

void RunAll(const Tasks& tasks) {
  std::vector<std::future<void>> running;
  for (const auto& task : tasks) {
    running.push_back(std::async(std::launch::async, [&task] {
      Threads().acquire();
      task();
      Threads().release();
    }));
  }
}

// Cuts between records into as many parts of about the same size.
std::vector<std::span<const LoadedEvent>> Cut(std::span<const LoadedEvent> events, size_t parts) {
  std::vector<std::span<const LoadedEvent>> cut;
  for (size_t left = parts; left > 0; --left) {
    size_t size = events.size() / left;
    while (size > 0 && size < events.size() && events[size].key == events[size - 1].key) ++size;
    cut.push_back(events.first(size));
    events = events.subspan(size);
  }
  return cut;
}

using Lists = std::vector<const RowList*>;

// A piece of one table, merged from all parts: some of the prefixes of its keys.
using Prefixes = std::map<std::string_view, Lists>;

size_t RowsIn(const Lists& lists) {
  size_t rows = 0;
  for (const auto* list : lists) rows += list->rows().size();
  return rows;
}

// One file's worth, or what is left of it.
void WritePrefixes(const Prefixes& prefixes, Table table, TableFiles::Kind kind,
                   TableFiles* files) {
  std::vector<RowList> merged;
  merged.reserve(prefixes.size());
  Lists lists;
  for (const auto& [prefix, rows] : prefixes) {
    auto& all = merged.emplace_back(prefix.size());
    for (const auto* each : rows) all.Append(*each);
    all.Sort();
    lists.push_back(&all);
  }
  files->Add(table, kind, lists);
}

// Adds tasks that write about as much each, and `pieces` files that do not overlap.
void WriteByPrefix(const std::vector<LoadPart>& parts,
                   const LoadPart::ByPrefix& (LoadPart::*of)() const, size_t pieces, Table table,
                   TableFiles::Kind kind, TableFiles* files, Tasks* tasks) {
  Prefixes all;
  size_t left = 0;
  for (const auto& part : parts) {
    for (const auto& [prefix, rows] : (part.*of)()) {
      all[prefix].push_back(&rows);
      left += rows.rows().size();
    }
  }
  for (; pieces > 0 && !all.empty(); --pieces) {
    Prefixes some;
    for (size_t rows = 0; !all.empty() && (pieces == 1 || rows < left / pieces);) {
      auto first = all.extract(all.begin());
      rows += RowsIn(first.mapped());
      some.insert(std::move(first));
    }
    for (const auto& [prefix, lists] : some) left -= RowsIn(lists);
    tasks->push_back(
        [some = std::move(some), table, kind, files] { WritePrefixes(some, table, kind, files); });
  }
}

Lists ListsOf(const std::vector<LoadPart>& parts, const RowList& (LoadPart::*of)() const) {
  Lists lists;
  for (const auto& part : parts) lists.push_back(&(part.*of)());
  return lists;
}

// In the order of time, which is not that of the records.
void WriteWakes(const std::vector<LoadPart>& parts, const RowList& (LoadPart::*of)() const,
                TableFiles::Kind kind, TableFiles* files) {
  RowList all;
  for (const auto& part : parts) all.Append((part.*of)());
  all.Sort();
  files->Add(Table::kWake, kind, {&all});
}

}  // namespace

LoadChunk::LoadChunk(const record::Catalogue& catalogue, const std::string& service,
                     const Places& places, const Tables& tables, Tenants& tenants,
                     bool nothing_before)
    : catalogue_(catalogue),
      service_(service),
      places_(places),
      tables_(tables),
      tenants_(tenants),
      reached_(tables),
      nothing_before_(nothing_before) {}

void LoadChunk::Add(const log::Commit& commit) {
  for (const auto& event : commit.events) {
    const auto facts = ReadEvent(*event.body);
    if (facts && facts->type == log::kReachedType) {
      reached_.AddRecord(facts->value);
      continue;
    }
    if (!facts || facts->tenant.empty()) {
      ++skipped_;
      continue;
    }
    if (tenants_.Parked(facts->tenant)) continue;
    const TenantNumber tenant = tenants_.Meet(*facts);
    AddEvent(event, *facts, tenant, commit.position());
    if (&event == &commit.events.back()) EndCommit(*facts, tenant, commit.position());
  }
}

void LoadChunk::AddEvent(const log::Stored& event, const EventFacts& facts, TenantNumber tenant,
                         int64_t position) {
  const auto name = record::Name::Parse(facts.subject);
  const auto* type = name ? catalogue_.FindType(name->collection) : nullptr;
  const bool own = type && (service_.empty() || type->HostedBy(service_));
  const auto image = own ? ImageIn(facts.value, type->number) : std::nullopt;
  if (!image) {
    ++skipped_;
    passed_over_ = true;
    return;
  }
  const RecordKey key{tenant, type->number, name->id};
  events_.push_back({key, type, event.offset, position, *image, *event.body, facts.tenant});
  changes_.try_emplace(tenant, sizeof tenant)
      .first->second.Add(&arena_, ChangeKey(tenant, event.offset),
                         EncodeChange({event.offset, position, key.type, key.id, facts.time_us}));
}

void LoadChunk::EndCommit(const EventFacts& last, TenantNumber tenant, int64_t position) {
  if (!last.request.empty()) {
    requests_.Add(&arena_, TextKey(tenant, last.request),
                  EncodeRequest({std::string(last.request_hash), position, last.recorded_time_us}));
  }
  reached_.AddCommit(last);
  if (const auto outbox = ParseOutbox(last.outbox)) {
    auto& highest = numbers_[TextKey(tenant, outbox->source)];
    highest = std::max(highest, outbox->number);
  }
}

std::vector<LoadPart> LoadChunk::FoldRecords() {
  std::sort(events_.begin(), events_.end(), [](const LoadedEvent& a, const LoadedEvent& b) {
    return std::tie(a.key, a.offset) < std::tie(b.key, b.offset);
  });
  const auto cut = Cut(events_, Workers());
  std::vector<LoadPart> parts;
  parts.reserve(cut.size());
  Tasks tasks;
  for (const auto& events : cut) {
    auto& part = parts.emplace_back(places_, tables_, nothing_before_);
    tasks.emplace_back([&part, &events] { part.Fold(events); });
  }
  RunAll(tasks);
  return parts;
}

void LoadChunk::WriteTo(TableFiles* files, const log::Automaton::State& after) {
  using Kind = TableFiles::Kind;
  const auto parts = FoldRecords();
  Tasks tasks;
  // What takes longest begins first.
  WriteByPrefix(parts, &LoadPart::put, kIndexFiles, Table::kIndex, Kind::kPut, files, &tasks);
  tasks.insert(
      tasks.end(),
      {[&] { files->Add(Table::kHistory, Kind::kPut, ListsOf(parts, &LoadPart::history)); },
       [&] { files->Add(Table::kRecord, Kind::kPut, ListsOf(parts, &LoadPart::records)); }});
  WriteByPrefix(parts, &LoadPart::removed, 1, Table::kIndex, Kind::kRemoved, files, &tasks);
  WriteByPrefix(parts, &LoadPart::past, 1, Table::kIndexPast, Kind::kPut, files, &tasks);
  tasks.insert(tasks.end(),
               {[&] { WriteWakes(parts, &LoadPart::wakes_removed, Kind::kRemoved, files); },
                [&] { WriteWakes(parts, &LoadPart::wakes_put, Kind::kPut, files); },
                [&] { WriteLogsOwn(parts, files, after); }});
  RunAll(tasks);
}

void LoadChunk::WriteLogsOwn(const std::vector<LoadPart>& parts, TableFiles* files,
                             const log::Automaton::State& after) {
  Lists changes;
  for (auto& [tenant, rows] : changes_) changes.push_back(&rows);
  files->Add(Table::kChange, TableFiles::Kind::kPut, changes);
  requests_.Sort();
  files->Add(Table::kRequest, TableFiles::Kind::kPut, {&requests_});

  RowList outboxes;
  for (const auto& [key, number] : numbers_) {
    rocksdb::PinnableSlice found;
    const auto status = tables_.db().Get({}, tables_[Table::kOutbox], key, &found);
    if (!status.IsNotFound()) tables_.Check(status, "reading an outbox");
    const auto before = status.ok() ? ReadNumber<uint64_t>(found.ToStringView()) : 0;
    if (number <= before) continue;
    outboxes.Add(&arena_, key, NumberValue(static_cast<int64_t>(number)));
  }
  files->Add(Table::kOutbox, TableFiles::Kind::kPut, {&outboxes});

  RowList meta, ended;
  meta.Add(&arena_, kStateKey, after.Encode());
  for (const auto& part : parts) {
    for (const auto& each : part.operations()) {
      const std::string row = each.moves ? MovingKey(each.record) : CascadeKey(each.record, false);
      if (!each.moves) meta.Add(&arena_, CascadeKey(each.record, true), {});
      if (each.now) meta.Add(&arena_, row, {});
      if (each.before && !each.now) ended.Add(&arena_, row, {});
      tenants_.NoteCascade(each.record.tenant);
    }
  }
  for (const auto& [key, value] : tenants_.TakeChanged()) meta.Add(&arena_, key, value);
  if (passed_over_) meta.Add(&arena_, kPassedOverKey, {});
  for (const auto& [key, value] : reached_.TakeChanged()) meta.Add(&arena_, key, value);
  meta.Sort();
  ended.Sort();
  files->Add(Table::kMeta, TableFiles::Kind::kRemoved, {&ended});
  files->Add(Table::kMeta, TableFiles::Kind::kPut, {&meta});
}

}  // namespace crm::store
