#pragma once

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "libs/store/rocks_disk.h"

namespace crm::store::example {

// Every row of every table of a store that is closed, by table and key.
inline std::map<std::string, std::map<std::string, std::string>> AllRows(
    const std::shared_ptr<Disk>& disk, const std::string& path = "/store") {
  rocksdb::Options options;
  options.env = std::dynamic_pointer_cast<RocksDisk>(disk)->env();
  std::vector<std::string> names;
  EXPECT_TRUE(rocksdb::DB::ListColumnFamilies(options, path, &names).ok());
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const auto& name : names) families.emplace_back(name, options);
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const auto status = rocksdb::DB::OpenForReadOnly(options, path, families, &handles, &db);
  EXPECT_TRUE(status.ok()) << status.ToString();
  std::map<std::string, std::map<std::string, std::string>> all;
  if (!status.ok()) return all;
  for (auto* handle : handles) {
    auto& rows = all[handle->GetName()];
    const std::unique_ptr<rocksdb::Iterator> it(db->NewIterator({}, handle));
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      rows[it->key().ToString()] = it->value().ToString();
    }
    EXPECT_TRUE(it->status().ok()) << it->status().ToString();
    delete handle;
  }
  delete db;
  return all;
}

}  // namespace crm::store::example
