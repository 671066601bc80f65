#include "libs/store/disk.h"

#include <rocksdb/file_system.h>

#include "libs/store/rocks_disk.h"

namespace crm::store {
namespace {

class RealDisk final : public RocksDisk {
 public:
  rocksdb::Env* env() override { return rocksdb::Env::Default(); }
  bool in_memory() const override { return false; }
};

// RocksDB writes its options into a file whenever it opens, and reads them back to be sure: 4 of
// the 5 ms that opening a store takes. Nobody reads them from memory.
class NoOptionsFiles final : public rocksdb::FileSystemWrapper {
 public:
  using FileSystemWrapper::FileSystemWrapper;
  const char* Name() const override { return "NoOptionsFiles"; }
  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* context) override {
    if (path.find("/OPTIONS-") != std::string::npos) return rocksdb::IOStatus::NotSupported();
    return FileSystemWrapper::NewWritableFile(path, options, file, context);
  }
};

class MemoryDisk final : public RocksDisk {
 public:
  MemoryDisk()
      : files_(rocksdb::NewMemEnv(rocksdb::Env::Default())),
        env_(rocksdb::NewCompositeEnv(std::make_shared<NoOptionsFiles>(files_->GetFileSystem()))) {}
  rocksdb::Env* env() override { return env_.get(); }
  bool in_memory() const override { return true; }

 private:
  std::unique_ptr<rocksdb::Env> files_;
  std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace

std::shared_ptr<Disk> Disk::Real() {
  static const auto disk = std::make_shared<RealDisk>();
  return disk;
}

std::shared_ptr<Disk> Disk::InMemory() { return std::make_shared<MemoryDisk>(); }

}  // namespace crm::store
