#include "libs/log/segment.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "libs/log/crc32c.h"

static_assert(std::endian::native == std::endian::little, "the segment format is little-endian");

namespace crm::log {
namespace {

constexpr std::string_view kMagic = "RECALLSG";
constexpr size_t kHeadFixed = 40;
constexpr size_t kHeadCrcAt = 36;
constexpr size_t kFrameFixed = 28;
constexpr size_t kBehindCrc = 20;  // group, offset, place
constexpr size_t kAlign = 8;
constexpr uint32_t kLastOfGroup = 0x80000000;

template <class Number>
void Put(Number number, std::string* out) {
  out->append(reinterpret_cast<const char*>(&number), sizeof number);
}

template <class Number>
Number Get(std::string_view bytes, size_t at) {
  Number number;
  std::memcpy(&number, bytes.data() + at, sizeof number);
  return number;
}

uint32_t HeadCrc(std::string_view head) {
  std::string covered(head.substr(0, kHeadCrcAt));
  covered.append(head.substr(kHeadFixed));
  return Crc32c(covered);
}

}  // namespace

record::Error SystemError(const std::string& doing) {
  return {doing + ": " + std::strerror(errno), false};
}

record::Result<record::Done> SyncFolder(const std::string& folder) {
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return SystemError("opening " + folder);
  const bool synced = fsync(descriptor) == 0;
  record::Error error = SystemError("syncing " + folder);
  close(descriptor);
  if (!synced) return error;
  return record::Done{};
}

size_t HeadBytes(size_t partitions) { return kHeadFixed + 8 * partitions; }

std::string EncodeHead(const SegmentHead& head) {
  std::string bytes(kMagic);
  Put(head.log_id, &bytes);
  Put(head.number, &bytes);
  Put(head.first_group, &bytes);
  Put(static_cast<uint32_t>(head.first.size()), &bytes);
  Put(uint32_t{0}, &bytes);
  for (const int64_t offset : head.first) Put(offset, &bytes);
  const uint32_t crc = HeadCrc(bytes);
  std::memcpy(bytes.data() + kHeadCrcAt, &crc, sizeof crc);
  return bytes;
}

std::optional<SegmentHead> DecodeHead(std::string_view bytes) {
  if (bytes.size() < kHeadFixed || bytes.substr(0, kMagic.size()) != kMagic) return std::nullopt;
  const size_t partitions = Get<uint32_t>(bytes, 32);
  if (partitions > (bytes.size() - kHeadFixed) / 8) return std::nullopt;
  bytes = bytes.substr(0, HeadBytes(partitions));
  if (HeadCrc(bytes) != Get<uint32_t>(bytes, kHeadCrcAt)) return std::nullopt;
  SegmentHead head;
  head.log_id = Get<uint64_t>(bytes, 8);
  head.number = Get<uint64_t>(bytes, 16);
  head.first_group = Get<uint64_t>(bytes, 24);
  for (size_t i = 0; i < partitions; ++i) {
    head.first.push_back(Get<int64_t>(bytes, kHeadFixed + 8 * i));
  }
  return head;
}

size_t FrameBytes(size_t body_size) {
  return (kFrameFixed + body_size + kAlign - 1) / kAlign * kAlign;
}

void AppendFrame(const Frame& frame, std::string* out) {
  const size_t begin = out->size();
  Put(static_cast<uint32_t>(kBehindCrc + frame.body.size()), out);
  Put(uint32_t{0}, out);
  Put(frame.group, out);
  Put(frame.offset, out);
  Put(frame.partition | (frame.last ? kLastOfGroup : 0), out);
  out->append(frame.body);
  const uint32_t crc = Crc32c(std::string_view(*out).substr(begin + 8));
  std::memcpy(out->data() + begin + 4, &crc, sizeof crc);
  out->resize(begin + FrameBytes(frame.body.size()), '\0');
}

FrameFound ReadFrame(std::string_view bytes, Frame* frame, size_t* size) {
  *size = kFrameFixed;
  if (bytes.size() < sizeof(uint32_t)) return FrameFound::kNeedsMore;
  const size_t covered = Get<uint32_t>(bytes, 0);
  if (covered == 0) return FrameFound::kZero;
  if (covered < kBehindCrc) return FrameFound::kDamaged;
  *size = FrameBytes(covered - kBehindCrc);
  if (bytes.size() < *size) return FrameFound::kNeedsMore;
  if (Crc32c(bytes.substr(8, covered)) != Get<uint32_t>(bytes, 4)) return FrameFound::kDamaged;
  frame->group = Get<uint64_t>(bytes, 8);
  frame->offset = Get<int64_t>(bytes, 16);
  const uint32_t place = Get<uint32_t>(bytes, 24);
  frame->partition = place & ~kLastOfGroup;
  frame->last = (place & kLastOfGroup) != 0;
  frame->body = bytes.substr(kFrameFixed, covered - kBehindCrc);
  return FrameFound::kWhole;
}

record::Result<std::unique_ptr<SegmentFile>> SegmentFile::Create(const std::string& path,
                                                                 size_t bytes,
                                                                 const std::atomic<bool>* stop) {
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (descriptor < 0) return SystemError("creating " + path);
  std::unique_ptr<SegmentFile> file(new SegmentFile(path, descriptor, bytes));
  const std::string zeros(1 << 20, '\0');
  for (size_t at = 0; at < bytes; at += zeros.size()) {
    if (stop != nullptr && stop->load())
      return record::Error{"preparing " + path + " was given up"};
    auto written = file->Write(at, std::string_view(zeros).substr(0, bytes - at));
    if (!written) return written.error();
    // Synced piece by piece: a fdatasync of the segment in use that comes behind all of it in the
    // disk's queue would wait three times as long (p99).
    auto synced = file->Sync();
    if (!synced) return synced.error();
  }
  if (fsync(descriptor) != 0) return SystemError("syncing " + path);
  auto synced = SyncFolder(std::filesystem::path(path).parent_path());
  if (!synced) return synced.error();
  return file;
}

record::Result<std::unique_ptr<SegmentFile>> SegmentFile::Open(const std::string& path,
                                                               bool write) {
  const int descriptor = open(path.c_str(), (write ? O_RDWR : O_RDONLY) | O_CLOEXEC);
  if (descriptor < 0) return SystemError("opening " + path);
  struct stat found {};
  if (fstat(descriptor, &found) != 0) {
    close(descriptor);
    return SystemError("looking at " + path);
  }
  return std::unique_ptr<SegmentFile>(
      new SegmentFile(path, descriptor, static_cast<size_t>(found.st_size)));
}

SegmentFile::~SegmentFile() { close(descriptor_); }

record::Result<record::Done> SegmentFile::Write(size_t at, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return SystemError("writing " + path_);
    at += static_cast<size_t>(written);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return record::Done{};
}

record::Result<record::Done> SegmentFile::Sync() {
  if (fdatasync(descriptor_) != 0) return SystemError("syncing " + path_);
  return record::Done{};
}

record::Result<std::string> SegmentFile::Read(size_t at, size_t count) const {
  std::string bytes(at < size_ ? std::min(count, size_ - at) : 0, '\0');
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got =
        pread(descriptor_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(at + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return SystemError("reading " + path_);
    if (got == 0) break;
    done += static_cast<size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

}  // namespace crm::log
