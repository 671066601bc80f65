#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/log/embedded.h"
#include "libs/log/segment.h"

// What lies in an embedded log's folder, and how it is found again after a crash:
//
//   lock              locked with flock while a process has the log open
//   log.meta          meta := "recall log 1\n" "id " 16 hex digits "\n" "partitions " number "\n"
//   log-00000001.seg  segments, see segment.h; the last one that has a head takes new messages
namespace crm::log {

inline constexpr size_t kMarkEvery = 64 << 10;  // bytes of a segment

// Where messages of one partition lie in a segment: sparse, in ascending order.
struct Mark {
  int64_t offset = 0;
  size_t at = 0;
};

struct Segment {
  std::string path;
  uint64_t number = 0;
  std::vector<int64_t> first;            // offset of each partition's first message in it
  std::vector<std::vector<Mark>> marks;  // by partition; grows as the segment is written or read
  size_t end = 0;                        // durable frames end here

  void AddMark(uint32_t partition, int64_t offset, size_t at);
};

// The folder's lock and what log.meta says.
struct Folder {
  static record::Result<std::unique_ptr<Folder>> Open(const EmbeddedOptions& options);
  ~Folder();

  std::string path;
  int lock = -1;
  uint64_t log_id = 0;
  uint32_t partitions = 0;

  std::string SegmentPath(uint64_t number) const;
};

// Of a file's name in the folder; nullopt: it is no segment.
std::optional<uint64_t> SegmentNumberOf(std::string_view file);

struct Recovered {
  std::vector<Segment> segments;  // none in a new log
  std::vector<int64_t> next;      // each partition's next offset
  uint64_t group = 0;             // the newest one
  bool group_complete = true;
  std::unique_ptr<SegmentFile> active;
};
// Finds the log's end. A torn tail is overwritten with zeros; damage that no crash explains is an
// error.
record::Result<Recovered> Recover(const Folder& folder);

}  // namespace crm::log
