#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "libs/store/snapshot_place.h"

namespace crm::store {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDraft = ".draft";

record::Error Failed(const std::string& what, const std::error_code& error) {
  return {what + ": " + error.message(), true};
}

record::Result<record::Done> Sync(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = file >= 0 && fsync(file) == 0;
  const int error = errno;
  if (file >= 0) close(file);
  if (!synced) return record::Error{path + ": " + std::strerror(error), true};
  return record::Done{};
}

class Folder final : public SnapshotPlace {
 public:
  explicit Folder(std::string folder) : folder_(std::move(folder)) {}

  record::Result<record::Done> Put(const std::string& name, const std::string& path,
                                   const std::string& /*sha256*/) override {
    const fs::path target = PathOf(name);
    const std::string draft = target.string() + kDraft;
    std::error_code error;
    fs::create_directories(target.parent_path(), error);
    if (!error) fs::copy_file(path, draft, fs::copy_options::overwrite_existing, error);
    if (error) return Failed("copying " + path + " to " + draft, error);
    if (auto synced = Sync(draft); !synced) return synced;
    fs::rename(draft, target, error);
    if (error) return Failed("renaming " + draft, error);
    return Sync(target.parent_path());
  }

  record::Result<std::vector<std::string>> List(const std::string& prefix) override {
    std::vector<std::string> names;
    std::error_code error;
    if (!fs::exists(folder_, error)) return names;
    for (fs::recursive_directory_iterator it(folder_, error), end; !error && it != end;
         it.increment(error)) {
      if (!it->is_regular_file(error) || it->path().extension() == kDraft) continue;
      auto name = fs::relative(it->path(), folder_, error).string();
      if (name.starts_with(prefix)) names.push_back(std::move(name));
    }
    if (error) return Failed(folder_, error);
    std::sort(names.begin(), names.end());
    return names;
  }

  record::Result<record::Done> Get(const std::string& name, const std::string& path) override {
    std::error_code error;
    fs::copy_file(PathOf(name), path, fs::copy_options::overwrite_existing, error);
    if (error) return Failed("copying " + name, error);
    return record::Done{};
  }

  record::Result<record::Done> Remove(const std::string& name) override {
    std::error_code error;
    fs::remove(PathOf(name), error);
    if (error) return Failed("removing " + name, error);
    return record::Done{};
  }

 private:
  fs::path PathOf(const std::string& name) const { return fs::path(folder_) / name; }

  const std::string folder_;
};

}  // namespace

std::unique_ptr<SnapshotPlace> FolderPlace(std::string folder) {
  return std::make_unique<Folder>(std::move(folder));
}

}  // namespace crm::store
