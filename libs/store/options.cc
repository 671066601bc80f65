#include "libs/store/options.h"

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/write_buffer_manager.h>

#include <algorithm>

#include "libs/store/key.h"
#include "libs/store/memtable.h"
#include "libs/store/tables.h"

namespace crm::store {
namespace {

// Of all stores of the process together.
constexpr size_t kBlockCacheBytes = 256 << 20;
constexpr size_t kWriteBuffersBytes = 512 << 20;
constexpr double kBloomBitsPerKey = 10;

class NoLog final : public rocksdb::Logger {
 public:
  using Logger::Logv;
  void Logv(const char*, va_list) override {}
};

rocksdb::BlockBasedTableOptions Blocks() {
  static const auto cache = rocksdb::NewLRUCache(kBlockCacheBytes);
  rocksdb::BlockBasedTableOptions blocks;
  blocks.block_cache = cache;
  blocks.block_size = 8 << 10;
  blocks.format_version = 5;
  return blocks;
}

rocksdb::BlockBasedTableOptions WithBloom(rocksdb::BlockBasedTableOptions blocks) {
  static const std::shared_ptr<const rocksdb::FilterPolicy> bloom(
      rocksdb::NewBloomFilterPolicy(kBloomBitsPerKey));
  blocks.filter_policy = bloom;
  return blocks;
}

rocksdb::ColumnFamilyOptions Preset(const StoreOptions& options, const RocksDisk& disk) {
  rocksdb::ColumnFamilyOptions family;
  // The sum over all tables decides (db_write_buffer_size): they are flushed together anyway.
  family.write_buffer_size = options.memory_bytes;
  family.max_write_buffer_number = 3;
  family.memtable_factory = TreeMemtables();
  family.compression = rocksdb::kLZ4Compression;
  family.level_compaction_dynamic_level_bytes = true;
  // A flush takes all tables, so the small ones make small files: more of them are merged at a
  // time.
  family.level0_file_num_compaction_trigger = kMergedFiles;
  // Their number decides, not their bytes: a flush writes half of it to one table at most.
  family.max_bytes_for_level_base =
      std::max<uint64_t>(family.max_bytes_for_level_base, kMergedFiles * options.memory_bytes / 2);
  family.level0_slowdown_writes_trigger = 32;
  family.level0_stop_writes_trigger = 64;
  // What is merged again soon is not compressed first.
  family.compression_per_level = {rocksdb::kNoCompression, rocksdb::kLZ4Compression};
  if (disk.in_memory()) {
    family.write_buffer_size = std::min<size_t>(options.memory_bytes, 4 << 20);
    family.arena_block_size = 16 << 10;
  }
  return family;
}

// Most look-ups before a change are of records that do not exist yet.
rocksdb::ColumnFamilyOptions RecordTable(rocksdb::ColumnFamilyOptions family, bool in_memory) {
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(WithBloom(Blocks())));
  if (!in_memory) {
    family.memtable_whole_key_filtering = true;
    family.memtable_prefix_bloom_size_ratio = 0.005;
  }
  return family;
}

// Large blocks, because a record's versions compress against each other. The filter is over
// records, so that a record's history is sought only where there is some of it.
rocksdb::ColumnFamilyOptions HistoryTable(rocksdb::ColumnFamilyOptions family) {
  auto blocks = WithBloom(Blocks());
  blocks.block_size = 32 << 10;
  blocks.whole_key_filtering = false;
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
  family.prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(kRecordKeySize));
  family.compression = rocksdb::kZSTD;
  family.compression_per_level = {rocksdb::kNoCompression, rocksdb::kZSTD};
  return family;
}

rocksdb::ColumnFamilyOptions WithBlocks(rocksdb::ColumnFamilyOptions family, bool bloom) {
  family.table_factory.reset(
      rocksdb::NewBlockBasedTableFactory(bloom ? WithBloom(Blocks()) : Blocks()));
  return family;
}

}  // namespace

rocksdb::DBOptions DatabaseOptions(const StoreOptions& options, RocksDisk& disk) {
  rocksdb::DBOptions database;
  database.env = disk.env();
  database.create_if_missing = true;
  database.create_missing_column_families = true;
  // Without a WAL a flush must take all tables, or they would stand at different positions.
  database.atomic_flush = true;
  // What was not flushed is lost, whether the process ended or crashed: there is one way only.
  database.avoid_flush_during_shutdown = true;
  database.allow_concurrent_memtable_write = false;  // one writer
  database.enable_write_thread_adaptive_yield = false;
  database.db_write_buffer_size = options.memory_bytes;
  database.stats_dump_period_sec = 0;
  database.stats_persist_period_sec = 0;
  database.skip_stats_update_on_db_open = true;
  database.max_file_opening_threads = 1;  // each of the others is started for each table
  database.fail_if_options_file_error = false;
  database.max_background_jobs = disk.in_memory() ? 1 : 2;
  if (disk.in_memory()) {
    static const auto no_log = std::make_shared<NoLog>();
    database.info_log = no_log;
    return database;
  }
  static const auto buffers = std::make_shared<rocksdb::WriteBufferManager>(kWriteBuffersBytes);
  database.write_buffer_manager = buffers;
  database.info_log_level = rocksdb::WARN_LEVEL;
  database.keep_log_file_num = 3;
  database.bytes_per_sync = 1 << 20;
  return database;
}

std::vector<rocksdb::ColumnFamilyDescriptor> TableOptions(const StoreOptions& options,
                                                          const RocksDisk& disk) {
  const auto preset = Preset(options, disk);
  return {
      {rocksdb::kDefaultColumnFamilyName, WithBlocks(preset, false)},  // meta
      {"record", RecordTable(preset, disk.in_memory())},
      {"index", WithBlocks(preset, false)},
      {"index_past", WithBlocks(preset, false)},
      {"history", HistoryTable(preset)},
      {"change", WithBlocks(preset, false)},
      {"request", WithBlocks(preset, true)},
      {"outbox", WithBlocks(preset, false)},
      {"wake", WithBlocks(preset, false)},
  };
}

}  // namespace crm::store
