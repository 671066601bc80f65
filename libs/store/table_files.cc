#include "libs/store/table_files.h"

#include <rocksdb/sst_file_writer.h>

#include <algorithm>

#include "libs/store/options.h"

namespace crm::store {
namespace {

// A file of the table's own size: larger ones make later merging coarse.
constexpr uint64_t kFileBytes = 64 << 20;

// Rows lie all over the memory; fetched so many rows before they are needed, none is waited for.
constexpr size_t kAhead = 12;
constexpr size_t kLine = 64;
constexpr size_t kBegin = 256;

// Inlined, or the compiler takes it for a function that does nothing.
[[gnu::always_inline]] inline void Fetch(const char* begin, size_t size) {
  const char* const end = begin + size;
  for (const char* at = begin; at < end; at += kLine) __builtin_prefetch(at);
  __builtin_prefetch(end - 1);
}

std::string FolderOf(const StoreOptions& options) { return options.path + "/load"; }

}  // namespace

TableFiles::TableFiles(const Tables& tables, const StoreOptions& options)
    : tables_(tables), options_(options) {
  auto* env = tables.db().GetEnv();
  tables_.Check(env->CreateDirIfMissing(FolderOf(options)), "preparing a load");
  std::vector<std::string> left;  // by a process that ended while it loaded
  tables_.Check(env->GetChildren(FolderOf(options), &left), "preparing a load");
  for (const auto& name : left) {
    if (name.ends_with(".sst")) {
      tables_.Check(env->DeleteFile(FolderOf(options) + '/' + name), "preparing a load");
    }
  }
}

TableFiles::~TableFiles() {
  auto* env = tables_.db().GetEnv();
  for (const auto& file : files_) env->DeleteFile(file.path).PermitUncheckedError();
}

std::string TableFiles::NewPath(Table table, Kind kind) {
  const std::lock_guard lock(mutex_);
  auto path = FolderOf(options_) + '/' + std::to_string(files_.size()) + ".sst";
  files_.push_back({table, kind, path});
  return path;
}

void TableFiles::Add(Table table, Kind kind, const std::vector<const RowList*>& lists) {
  const auto* disk = dynamic_cast<const RocksDisk*>(options_.disk.get());
  auto family = TableOptions(options_, *disk)[static_cast<size_t>(table)].options;
  rocksdb::Options all(rocksdb::DBOptions(), family);
  all.env = tables_.db().GetEnv();
  std::unique_ptr<rocksdb::SstFileWriter> writer;
  std::string value;
  for (const auto* list : lists) {
    const auto& rows = list->rows();
    for (size_t i = 0; i < rows.size(); ++i) {
      const auto& row = rows[i];
      if (i + kAhead < rows.size()) {
        const auto& later = rows[i + kAhead];
        Fetch(later.key, later.key_size + later.head_size);
        // The machine sees by itself that it goes on.
        if (!later.rest.empty()) Fetch(later.rest.data(), std::min(later.rest.size(), kBegin));
      }
      if (i + 1 < rows.size() && rows[i + 1].Key() == row.Key()) continue;
      if (!writer) {
        writer = std::make_unique<rocksdb::SstFileWriter>(rocksdb::EnvOptions(), all,
                                                          tables_[table], false);
        tables_.Check(writer->Open(NewPath(table, kind)), "opening a file to load");
      }
      if (kind == Kind::kRemoved) {
        tables_.Check(writer->Delete({row.key, row.key_size}), "loading");
        continue;
      }
      rocksdb::Slice whole(row.rest.data(), row.rest.size());
      if (row.rest.empty()) {
        whole = {row.key + row.key_size, row.head_size};
      } else if (row.head_size > 0) {
        value.assign(row.Head()).append(row.rest);
        whole = value;
      }
      tables_.Check(writer->Put({row.key, row.key_size}, whole), "loading");
      if (writer->FileSize() < kFileBytes) continue;
      tables_.Check(writer->Finish(), "finishing a file to load");
      writer.reset();
    }
  }
  if (writer) tables_.Check(writer->Finish(), "finishing a file to load");
}

void TableFiles::Ingest() {
  std::stable_sort(files_.begin(), files_.end(), [](const File& a, const File& b) {
    return a.table != b.table ? a.table < b.table : a.kind < b.kind;
  });
  std::vector<rocksdb::IngestExternalFileArg> arguments;
  for (const auto& file : files_) {
    if (arguments.empty() || arguments.back().column_family != tables_[file.table]) {
      auto& argument = arguments.emplace_back();
      argument.column_family = tables_[file.table];
      argument.options.move_files = true;
      argument.options.failed_move_fall_back_to_copy = true;
      argument.options.write_global_seqno = false;
    }
    arguments.back().external_files.push_back(file.path);
  }
  tables_.Check(tables_.db().IngestExternalFiles(arguments), "loading");
}

}  // namespace crm::store
