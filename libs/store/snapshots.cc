#include "libs/store/snapshots.h"

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <system_error>
#include <thread>
#include <utility>

#include "libs/log/follower.h"
#include "libs/record/clock.h"
#include "libs/record/sha256.h"
#include "libs/store/tables.h"

namespace crm::store {
namespace {

namespace fs = std::filesystem;
using record::Done;
using record::Error;
using record::Result;

constexpr const char* kManifest = ".manifest";
// A broker that is busy must not cost a whole rebuild.
constexpr auto kPatience = std::chrono::seconds(20);
constexpr auto kPause = std::chrono::milliseconds(50);

// A folder for a moment, removed with what is in it.
class WorkFolder {
 public:
  explicit WorkFolder(std::string path) : path_(std::move(path)) { Remove(); }
  ~WorkFolder() { Remove(); }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  void Remove() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const std::string path_;
};

Result<std::string> HashOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string block(1 << 20, 0);
  record::Sha256 hash;
  while (file) {
    file.read(block.data(), static_cast<std::streamsize>(block.size()));
    hash.Add({block.data(), static_cast<size_t>(file.gcount())});
  }
  if (!file.eof()) return Error{path + ": can not be read", true};
  return hash.FinishHex();
}

// The same as long as the file's content is: a checkpoint has links to the tables' own files.
std::string IdentityOf(const std::string& path) {
  struct stat about {};
  if (stat(path.c_str(), &about) != 0) return {};
  return std::to_string(about.st_ino) + ' ' + std::to_string(about.st_size) + ' ' +
         std::to_string(about.st_mtim.tv_sec) + ' ' + std::to_string(about.st_mtim.tv_nsec);
}

// RocksDB's logs and locks are no part of what it has.
bool IsOfTables(const fs::path& path) {
  const std::string name = path.filename().string();
  return path.extension() == ".sst" || name == "CURRENT" || name.starts_with("MANIFEST-") ||
         name.starts_with("OPTIONS-");
}

std::string NameOf(int64_t position) {
  std::string digits = std::to_string(position);
  return std::string(20 - std::min<size_t>(20, digits.size()), '0') + digits + kManifest;
}

// What a follower would continue from.
class Saved final : public log::Projection {
 public:
  explicit Saved(log::Automaton::State state) : state_(state) {}
  log::Automaton::State Load() override { return state_; }
  void Apply(std::span<const log::Commit>, const log::Automaton::State&) override {}

 private:
  log::Automaton::State state_;
};

}  // namespace

Snapshots::Snapshots(SnapshotPlace& place, std::string prefix, const std::string& taker,
                     size_t keep)
    : place_(place),
      prefix_(std::move(prefix)),
      own_(taker.empty() ? prefix_ : prefix_ + "/by-" + taker),
      keep_(std::max<size_t>(keep, 1)) {}

Result<std::vector<std::string>> Snapshots::Manifests() {
  auto names = place_.List(prefix_ + '/');
  if (!names) return names;
  std::vector<std::string> manifests;
  for (auto& name : *names) {
    if (name.ends_with(kManifest)) manifests.push_back(std::move(name));
  }
  std::stable_sort(
      manifests.begin(), manifests.end(),
      [](const fs::path& one, const fs::path& other) { return one.filename() < other.filename(); });
  return manifests;
}

Result<std::vector<std::string>> Snapshots::OwnManifests() {
  auto manifests = Manifests();
  if (manifests) {
    std::erase_if(*manifests, [this](const fs::path& name) { return name.parent_path() != own_; });
  }
  return manifests;
}

Result<int64_t> Snapshots::Take(const Store& store) {
  auto taken = OwnManifests();
  if (!taken) return taken.error();
  const std::string newest = taken->empty() ? "" : taken->back();
  const int64_t applied = store.applied();
  if (newest == own_ + '/' + NameOf(applied)) return applied;

  const WorkFolder work(store.path() + ".snapshot");
  auto made = store.Checkpoint(work.path());
  if (!made) return made.error();
  Manifest manifest;
  auto read = ReadCheckpoint(work.path(), &manifest.layout, &manifest.state);
  if (!read) return read.error();
  auto put = PutFiles(work.path(), &manifest);
  if (!put) return put.error();

  const std::string draft = work.path() + "/manifest";
  const std::string text = manifest.Encode();
  std::ofstream(draft, std::ios::binary) << text;
  put = place_.Put(own_ + '/' + NameOf(manifest.state.next), draft, record::Sha256::HexOf(text));
  if (!put) return put.error();
  auto removed = RemoveOld(work.path());
  if (!removed) return removed.error();
  return manifest.state.next;
}

Result<Done> Snapshots::PutFiles(const std::string& folder, Manifest* manifest) {
  auto listed = place_.List(own_ + "/files/");
  if (!listed) return listed.error();
  std::set<std::string> there(listed->begin(), listed->end());
  std::map<std::string, std::string> known;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (!IsOfTables(entry.path())) continue;
    const std::string path = entry.path().string();
    const std::string identity = IdentityOf(path);
    const auto found = known_.find(identity);
    auto hash = found != known_.end() ? Result<std::string>(found->second) : HashOf(path);
    if (!hash) return hash.error();
    if (entry.path().extension() == ".sst") known[identity] = *hash;
    manifest->files.push_back({*hash, fs::file_size(path), entry.path().filename().string()});
    if (!there.insert(FileName(*hash)).second) continue;
    auto put = place_.Put(FileName(*hash), path, *hash);
    if (!put) return put;
  }
  known_ = std::move(known);
  return Done{};
}

Result<Done> Snapshots::RemoveOld(const std::string& folder) {
  auto manifests = OwnManifests();
  if (!manifests) return manifests.error();
  std::set<std::string> needed;
  const size_t old = manifests->size() - std::min(manifests->size(), keep_);
  for (size_t i = old; i < manifests->size(); ++i) {
    const auto manifest = Read((*manifests)[i], folder);
    // Whose files are unknown may need any of them.
    if (!manifest) return Done{};
    for (const auto& file : manifest->files) needed.insert(FileName(file.sha256));
  }
  for (size_t i = 0; i < old; ++i) {
    auto removed = place_.Remove((*manifests)[i]);
    if (!removed) return removed;
  }
  auto files = place_.List(own_ + "/files/");
  if (!files) return files.error();
  for (const auto& name : *files) {
    if (needed.contains(name)) continue;
    auto removed = place_.Remove(name);
    if (!removed) return removed;
  }
  return Done{};
}

Result<Manifest> Snapshots::Read(const std::string& name, const std::string& folder) {
  const std::string path = folder + "/read-manifest";
  auto got = place_.Get(name, path);
  if (!got) return got.error();
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  fs::remove(path);
  auto manifest = Manifest::Decode(text.str());
  if (!manifest) return Error{"its manifest is damaged"};
  return *std::move(manifest);
}

std::string Snapshots::WhyNot(const Manifest& manifest, const StoreOptions& options,
                              const record::Catalogue& catalogue, log::Log& log,
                              int partition) const {
  if (auto why = WhyNotOpened(manifest.layout, options, catalogue); !why.empty()) return why;
  const record::SystemClock clock;
  Saved saved(manifest.state);
  log::Follower follower(log, partition, saved, clock, 1, {});
  const auto give_up = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < give_up) {
    if (follower.CheckStart() == log::Follower::Found::kSome) return {};
    if (!follower.trouble().empty()) return follower.trouble();
    std::this_thread::sleep_for(kPause);
  }
  return "the log can not be read now";
}

// The files lie beside the manifest of this name.
Result<Done> Snapshots::Fetch(const Manifest& manifest, const std::string& name,
                              const std::string& folder) {
  const std::string files = fs::path(name).parent_path().string() + "/files/";
  for (const auto& file : manifest.files) {
    const std::string path = folder + '/' + file.name;
    auto got = place_.Get(files + file.sha256, path);
    if (!got) return got;
    const auto hash = HashOf(path);
    if (!hash || *hash != file.sha256) return Error{file.name + " is damaged"};
  }
  return Done{};
}

std::optional<int64_t> Snapshots::Restore(const StoreOptions& options,
                                          const record::Catalogue& catalogue, log::Log& log,
                                          int partition, const Say& say) {
  const bool corrupt = fs::exists(options.path + kCorruptFile);
  if (fs::exists(options.path + "/CURRENT") && !corrupt) return std::nullopt;
  auto manifests = Manifests();
  if (!manifests) {
    say("snapshots can not be listed: " + manifests.error().text);
    return std::nullopt;
  }
  for (auto name = manifests->rbegin(); name != manifests->rend(); ++name) {
    const WorkFolder work(options.path + ".restored");
    std::error_code error;
    fs::create_directories(work.path(), error);
    const auto manifest = Read(*name, work.path());
    std::string why =
        manifest ? WhyNot(*manifest, options, catalogue, log, partition) : manifest.error().text;
    if (why.empty()) {
      const auto fetched = Fetch(*manifest, *name, work.path());
      if (!fetched) why = fetched.error().text;
    }
    if (why.empty()) {
      fs::remove_all(options.path, error);
      fs::rename(work.path(), options.path, error);
      if (!error) return manifest->state.next;
      why = error.message();
    }
    say("snapshot " + *name + " was passed over: " + why);
  }
  return std::nullopt;
}

}  // namespace crm::store
