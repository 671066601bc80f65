#include "libs/log/embedded_files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "libs/record/clock.h"

namespace crm::log {
namespace {

constexpr int kPartitionsMax = 4096;

record::Result<record::Done> WriteMeta(const Folder& folder) {
  char text[128];
  const int size = std::snprintf(text, sizeof text, "recall log 1\nid %016llx\npartitions %u\n",
                                 static_cast<unsigned long long>(folder.log_id), folder.partitions);
  const std::string path = folder.path + "/log.meta";
  const std::string draft = path + ".new";
  {
    auto file = SegmentFile::Create(draft, 0);
    if (!file) return file.error();
    auto written = file.value()->Write(0, std::string_view(text, static_cast<size_t>(size)));
    if (!written) return written.error();
    auto synced = file.value()->Sync();
    if (!synced) return synced.error();
  }
  if (std::rename(draft.c_str(), path.c_str()) != 0) return SystemError("renaming " + draft);
  return SyncFolder(folder.path);
}

record::Result<record::Done> ReadMeta(const std::string& text, Folder* folder) {
  unsigned long long id = 0;
  unsigned partitions = 0;
  int end = 0;
  const int read = std::sscanf(text.c_str(), "recall log 1\nid %16llx\npartitions %u\n%n", &id,
                               &partitions, &end);
  if (read != 2 || static_cast<size_t>(end) != text.size() || id == 0 || partitions == 0) {
    return record::Error{folder->path + "/log.meta is not that of a log of version 1"};
  }
  folder->log_id = id;
  folder->partitions = partitions;
  return record::Done{};
}

record::Result<record::Done> Lock(Folder* folder) {
  const std::string path = folder->path + "/lock";
  folder->lock = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (folder->lock < 0) return SystemError("opening " + path);
  if (flock(folder->lock, LOCK_EX | LOCK_NB) == 0) return record::Done{};
  if (errno != EWOULDBLOCK) return SystemError("locking " + path);
  return record::Error{"another process has the log in " + folder->path + " open"};
}

}  // namespace

void Segment::AddMark(uint32_t partition, int64_t offset, size_t at) {
  auto& found = marks[partition];
  if (found.empty() || (offset > found.back().offset && at >= found.back().at + kMarkEvery)) {
    found.push_back({offset, at});
  }
}

record::Result<std::unique_ptr<Folder>> Folder::Open(const EmbeddedOptions& options) {
  if (options.partitions < 1 || options.partitions > kPartitionsMax) {
    return record::Error{"a log has 1 to 4096 partitions"};
  }
  std::error_code error;
  std::filesystem::create_directories(options.folder, error);
  if (error) return record::Error{"creating " + options.folder + ": " + error.message()};
  auto folder = std::make_unique<Folder>();
  folder->path = options.folder;
  auto locked = Lock(folder.get());
  if (!locked) return locked.error();

  std::ifstream meta(folder->path + "/log.meta", std::ios::binary);
  if (meta) {
    std::ostringstream text;
    text << meta.rdbuf();
    auto read = ReadMeta(text.str(), folder.get());
    if (!read) return read.error();
  } else {
    if (std::filesystem::exists(folder->SegmentPath(1), error)) {
      return record::Error{folder->path + " holds segments, but no log.meta"};
    }
    record::SystemRandom random;
    while (folder->log_id == 0) folder->log_id = random.Next();
    folder->partitions = static_cast<uint32_t>(options.partitions);
    auto written = WriteMeta(*folder);
    if (!written) return written.error();
  }
  if (folder->partitions != static_cast<uint32_t>(options.partitions)) {
    return record::Error{"the log in " + folder->path + " has " +
                         std::to_string(folder->partitions) + " partitions, not " +
                         std::to_string(options.partitions) + ": see --partitions"};
  }
  return folder;
}

Folder::~Folder() {
  if (lock >= 0) close(lock);
}

std::optional<uint64_t> SegmentNumberOf(std::string_view file) {
  constexpr std::string_view kBegin = "log-";
  constexpr std::string_view kEnd = ".seg";
  if (!file.starts_with(kBegin) || !file.ends_with(kEnd)) return std::nullopt;
  file = file.substr(kBegin.size(), file.size() - kBegin.size() - kEnd.size());
  uint64_t number = 0;
  const auto [end, failed] = std::from_chars(file.data(), file.data() + file.size(), number);
  if (failed != std::errc() || end != file.data() + file.size() || number == 0) return std::nullopt;
  return number;
}

std::string Folder::SegmentPath(uint64_t number) const {
  char name[40];
  std::snprintf(name, sizeof name, "/log-%08llu.seg", static_cast<unsigned long long>(number));
  return path + name;
}

}  // namespace crm::log
