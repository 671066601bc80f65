#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/record/result.h"

// One file of the embedded log (all numbers little-endian):
//
//   segment := head frame* zeros
//   head    := magic "RECALLSG" | log's id, segment's number, first group: u64 each
//              | partitions u32 | crc u32 of head without itself | first offset u64 of each
//              partition
//   frame   := size u32 of what follows the crc | crc u32 of that | group u64 | offset u64
//              | place u32 | body | zeros up to a multiple of 8
//   place   := the partition, plus 2^31 for the last frame of its group
//
// A file is written with zeros and synced before it is used, because fdatasync is a third cheaper
// then (no metadata to journal) than into space that was only reserved, and half as dear as into a
// growing file. All frames of one group became durable with the same fdatasync; a group's first
// frame is only written after the fdatasync of the group before. So a damaged frame with whole ones
// of its own group behind it may be what a crash left; with a younger group behind it is damage.
// A frame of partition kSeal has no body and says that everything before it is durable: a log that
// is closed in order ends with one.
namespace crm::log {

inline constexpr uint32_t kSeal = 0x7fffffff;

struct SegmentHead {
  uint64_t log_id = 0;
  uint64_t number = 0;
  uint64_t first_group = 0;
  std::vector<int64_t> first;  // offset of each partition's next message when the segment began
};
size_t HeadBytes(size_t partitions);
std::string EncodeHead(const SegmentHead& head);
std::optional<SegmentHead> DecodeHead(std::string_view bytes);

struct Frame {
  uint64_t group = 0;
  int64_t offset = 0;
  uint32_t partition = 0;
  bool last = false;  // of its group
  std::string_view body;
};
size_t FrameBytes(size_t body_size);
void AppendFrame(const Frame& frame, std::string* out);

enum class FrameFound { kWhole, kZero, kNeedsMore, kDamaged };
// Reads the frame that `bytes` begins with. kNeedsMore: it is longer than `bytes`; `*size` is then
// the frame's size in the file, and so it is for kWhole.
FrameFound ReadFrame(std::string_view bytes, Frame* frame, size_t* size);

class SegmentFile {
 public:
  // A new file of zeros, durable together with its name. Gives up when `stop` becomes true.
  static record::Result<std::unique_ptr<SegmentFile>> Create(
      const std::string& path, size_t bytes, const std::atomic<bool>* stop = nullptr);
  static record::Result<std::unique_ptr<SegmentFile>> Open(const std::string& path, bool write);
  ~SegmentFile();
  SegmentFile(const SegmentFile&) = delete;
  SegmentFile& operator=(const SegmentFile&) = delete;

  size_t size() const { return size_; }
  record::Result<record::Done> Write(size_t at, std::string_view bytes);
  record::Result<record::Done> Sync();
  // Up to `count` bytes; fewer at the file's end.
  record::Result<std::string> Read(size_t at, size_t count) const;

 private:
  SegmentFile(std::string path, int descriptor, size_t size)
      : path_(std::move(path)), descriptor_(descriptor), size_(size) {}
  std::string path_;
  int descriptor_;
  size_t size_;
};

// The text of the last failed system call, after what was being done.
record::Error SystemError(const std::string& doing);
record::Result<record::Done> SyncFolder(const std::string& folder);

}  // namespace crm::log
