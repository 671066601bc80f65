#include "libs/store/tables.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "libs/record/check.h"
#include "libs/record/key.h"
#include "libs/store/key.h"
#include "libs/store/options.h"

namespace crm::store {
namespace {

void Say(const std::string& path, std::string_view what) {
  std::fprintf(stderr, "store %s: %.*s\n", path.c_str(), static_cast<int>(what.size()),
               what.data());
}

rocksdb::WriteOptions WithoutWal() {
  rocksdb::WriteOptions write;
  write.disableWAL = true;
  return write;
}

// That only an empty store can continue, which is nothing but slower.
bool IsBroken(const rocksdb::Status& status) {
  return status.IsCorruption() || status.IsPathNotFound() || status.IsInvalidArgument();
}

class Opening {
 public:
  Opening(const StoreOptions& options, const record::Catalogue& catalogue)
      : options_(options),
        catalogue_(catalogue),
        disk_(std::dynamic_pointer_cast<RocksDisk>(options.disk)) {}

  record::Result<Opened> Run() {
    CRM_CHECK(disk_ != nullptr);
    if (Exists(kCorruptFile)) {
      Say(options_.path, "is corrupt, built anew from the log");
    } else if (Exists("/CURRENT")) {
      Opened opened{nullptr, {}, disk_->in_memory(), false};
      LayoutChange change;
      auto status = OpenExisting(&opened.tables);
      if (status.ok()) status = FindChange(*opened.tables, &change);
      if (status.ok() && change.kind == LayoutChange::Kind::kRefused) {
        return record::Error{"store " + options_.path + " " + change.why};
      }
      if (status.ok() && change.kind != LayoutChange::Kind::kWhole) {
        opened.layout = std::move(change.after);
        if (change.kind == LayoutChange::Kind::kParts)
          TakeOver(*opened.tables, opened.layout, change);
        return opened;
      }
      if (!status.ok() && !IsBroken(status)) return Failure(status);
      Say(options_.path, status.ok() ? change.why + ", built anew from the log"
                                     : "is broken, built anew from the log: " + status.ToString());
    } else {
      return Create();
    }
    if (const auto status = Remove(); !status.ok()) return Failure(status);
    return Create();
  }

 private:
  record::Error Failure(const rocksdb::Status& status) {
    return record::Error{"store " + options_.path + ": " + status.ToString(), true};
  }

  bool Exists(std::string_view file) {
    return disk_->env()->FileExists(options_.path + std::string(file)).ok();
  }

  rocksdb::Status OpenExisting(std::shared_ptr<const Tables>* tables) {
    rocksdb::DB* db = nullptr;
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    const auto status = rocksdb::DB::Open(DatabaseOptions(options_, *disk_), options_.path,
                                          TableOptions(options_, *disk_), &handles, &db);
    if (status.ok()) *tables = Own(db, std::move(handles));
    return status;
  }

  rocksdb::Status CreateFolders() {
    for (size_t slash = 1; slash != std::string::npos;) {
      slash = options_.path.find('/', slash + 1);
      const auto status = disk_->env()->CreateDirIfMissing(options_.path.substr(0, slash));
      if (!status.ok()) return status;
    }
    return rocksdb::Status::OK();
  }

  // Creating the tables one by one, as opening does, takes four times as long.
  record::Result<Opened> Create() {
    auto status = CreateFolders();
    if (!status.ok()) return Failure(status);
    auto families = TableOptions(options_, *disk_);
    rocksdb::DB* db = nullptr;
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    status = rocksdb::DB::Open(DatabaseOptions(options_, *disk_), options_.path, {families.front()},
                               &handles, &db);
    if (!status.ok()) return Failure(status);
    families.erase(families.begin());
    std::vector<rocksdb::ColumnFamilyHandle*> more;
    status = db->CreateColumnFamilies(families, &more);
    handles.insert(handles.end(), more.begin(), more.end());
    const auto tables = Own(db, std::move(handles));
    if (!status.ok()) return Failure(status);
    auto layout = Layout::Of(catalogue_, KeptOf(options_, catalogue_));
    tables->Check(db->Put(WithoutWal(), kLayoutKey, layout.Encode()), "creating");
    return Opened{tables, std::move(layout), disk_->in_memory(), true};
  }

  std::shared_ptr<const Tables> Own(rocksdb::DB* db,
                                    std::vector<rocksdb::ColumnFamilyHandle*> handles) {
    // The database has a handle of its own for its first table, which outlives every clearing.
    delete std::exchange(handles.front(), db->DefaultColumnFamily());
    return std::make_shared<const Tables>(
        std::make_shared<const Connection>(options_.path, disk_, std::unique_ptr<rocksdb::DB>(db)),
        std::move(handles));
  }

  // A store that was never flushed has no layout yet, and nothing else.
  rocksdb::Status FindChange(const Tables& tables, LayoutChange* change) {
    std::string found;
    std::string ignored;
    auto status = tables.db().Get({}, kLayoutKey, &found);
    const bool nothing = status.IsNotFound() && tables.db().GetLatestSequenceNumber() == 0;
    if (nothing) {
      change->after = Layout::Of(catalogue_, KeptOf(options_, catalogue_));
      return tables.db().Put(WithoutWal(), kLayoutKey, change->after.Encode());
    }
    if (!status.ok() && !status.IsNotFound()) return status;
    status = tables.db().Get({}, kPassedOverKey, &ignored);
    if (!status.ok() && !status.IsNotFound()) return status;
    *change = ChangeOf(found, catalogue_, KeptOf(options_, catalogue_), status.ok());
    return rocksdb::Status::OK();
  }

  // Rows of indexes that nobody declares any more are removed, and what is there now is noted. The
  // next one is built later (reindex.h).
  void TakeOver(const Tables& tables, const Layout& layout, const LayoutChange& change) {
    rocksdb::WriteBatch batch;
    const auto remove = [&](Table table, const std::string& prefix) {
      tables.Check(batch.DeleteRange(tables[table], prefix, record::PrefixEnd(prefix)),
                   "removing an index");
    };
    const std::unique_ptr<rocksdb::Iterator> it(tables.db().NewIterator({}, tables[Table::kMeta]));
    for (it->Seek(kTenantPrefix); it->Valid() && it->key().starts_with(kTenantPrefix); it->Next()) {
      const auto tenant = DecodeTenant(it->value().ToStringView()).number;
      for (const auto& part : change.removed) {
        std::string prefix;
        AppendIndexPrefix(tenant, part.type, part.number, &prefix);
        remove(Table::kIndex, prefix);
        remove(Table::kIndexPast, prefix);
      }
    }
    tables.Check(it->status(), "removing an index");
    for (const auto& part : change.removed) {
      tables.Check(batch.Delete(tables[Table::kMeta], BuildingKey(part.type, part.number)),
                   "removing an index");
    }
    tables.Check(batch.Put(tables[Table::kMeta], kLayoutKey, layout.Encode()), "noting indexes");
    tables.Write(&batch);
  }

  rocksdb::Status Remove() {
    const auto families = TableOptions(options_, *disk_);
    const rocksdb::Options all(DatabaseOptions(options_, *disk_), families.front().options);
    const auto status = rocksdb::DestroyDB(options_.path, all, families);
    if (!status.ok() || !Exists(kCorruptFile)) return status;
    return disk_->env()->DeleteFile(options_.path + std::string(kCorruptFile));
  }

  const StoreOptions& options_;
  const record::Catalogue& catalogue_;
  std::shared_ptr<RocksDisk> disk_;
};

}  // namespace

Kept KeptOf(const StoreOptions& options, const record::Catalogue& catalogue) {
  Kept kept{options.service, {}};
  for (const Followed& followed : options.followed) {
    kept.text += "; " + followed.service;
    for (const Replica& replica : followed.replicas) {
      kept.text += " " + replica.collection;
      for (const std::string& index : replica.indexes) kept.text += "/" + index;
      if (const auto* type = catalogue.FindType(replica.collection)) {
        kept.replicated.insert(type->number);
      }
    }
    for (const std::string& tenant : followed.everywhere) kept.text += " " + tenant;
  }
  for (const auto* type : catalogue.Types()) {
    for (const auto& field : type->annotation.wake()) {
      kept.text += "; wakes " + type->collection + "/" + field;
    }
  }
  return kept;
}

Connection::Connection(std::string path, std::shared_ptr<RocksDisk> disk,
                       std::unique_ptr<rocksdb::DB> db)
    : path_(std::move(path)), disk_(std::move(disk)), db_(std::move(db)) {}

Connection::~Connection() = default;

void Connection::Check(const rocksdb::Status& status, std::string_view doing) const {
  if (status.ok()) return;
  Say(path_, std::string(doing) + ": " + status.ToString());
  if (status.IsCorruption()) {
    const auto mark = rocksdb::WriteStringToFile(
        disk_->env(), status.ToString(), path_ + std::string(kCorruptFile), /*should_sync=*/true);
    if (!mark.ok()) Say(path_, mark.ToString());
  }
  std::abort();
}

Tables::Tables(std::shared_ptr<const Connection> connection,
               std::vector<rocksdb::ColumnFamilyHandle*> handles)
    : connection_(std::move(connection)), handles_(std::move(handles)) {}

Tables::~Tables() {
  for (size_t i = 1; i < handles_.size(); ++i) {
    Check(db().DestroyColumnFamilyHandle(handles_[i]), "closing");
  }
}

void Tables::Write(rocksdb::WriteBatch* batch) const {
  Check(db().Write(WithoutWal(), batch), "writing");
}

void Tables::Flush() const { Check(db().Flush({}, handles_), "flushing"); }

record::Result<Opened> Tables::Open(const StoreOptions& options,
                                    const record::Catalogue& catalogue) {
  return Opening(options, catalogue).Run();
}

Opened Tables::Cleared(const StoreOptions& options, const record::Catalogue& catalogue) const {
  // First on disk: that there is nothing. Without its layout the rest is removed by Open().
  rocksdb::WriteBatch batch;
  const std::unique_ptr<rocksdb::Iterator> meta(db().NewIterator({}, (*this)[Table::kMeta]));
  for (meta->SeekToFirst(); meta->Valid(); meta->Next()) {
    Check(batch.Delete((*this)[Table::kMeta], meta->key()), "clearing");
  }
  Check(meta->status(), "clearing");
  Write(&batch);
  Flush();

  const std::vector<rocksdb::ColumnFamilyHandle*> dropped(handles_.begin() + 1, handles_.end());
  Check(db().DropColumnFamilies(dropped), "clearing");
  const auto disk = std::dynamic_pointer_cast<RocksDisk>(options.disk);
  auto families = TableOptions(options, *disk);
  families.erase(families.begin());
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  Check(db().CreateColumnFamilies(families, &handles), "clearing");
  handles.insert(handles.begin(), handles_.front());
  auto layout = Layout::Of(catalogue, KeptOf(options, catalogue));
  Check(db().Put(WithoutWal(), kLayoutKey, layout.Encode()), "clearing");
  auto cleared = std::make_shared<const Tables>(connection_, std::move(handles));
  cleared->Flush();
  return {std::move(cleared), std::move(layout), disk->in_memory(), true};
}

}  // namespace crm::store
