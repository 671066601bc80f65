#include <algorithm>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "libs/log/embedded_files.h"

namespace crm::log {
namespace {

constexpr std::string_view kZeros("\0\0\0\0\0\0\0\0", 8);

bool AllZero(std::string_view bytes) {
  return bytes.empty() ||
         (bytes[0] == 0 && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

// A whole frame of a group younger than the damaged one's proves that the damaged one had been
// durable. Frames begin at multiples of eight.
bool YoungerGroupBehind(std::string_view bytes, size_t from, uint64_t damaged_group,
                        uint32_t partitions) {
  for (size_t at = from; at < bytes.size(); at += 8) {
    if (bytes[at] == 0 && bytes.substr(at, 8) == kZeros) continue;
    Frame frame;
    size_t size = 0;
    if (ReadFrame(bytes.substr(at), &frame, &size) != FrameFound::kWhole) continue;
    const bool known = frame.partition < partitions || frame.partition == kSeal;
    if (known && frame.group > damaged_group) return true;
  }
  return false;
}

record::Error Damaged(const Segment& segment, size_t at) {
  return {segment.path + " is damaged at byte " + std::to_string(at) +
          ", and what was written later is there: no crash does that. Restore the file."};
}

// The frames from the head on up to the first that is not whole, which must be a crash's work.
record::Result<record::Done> ReadFrames(std::string_view bytes, const SegmentHead& head,
                                        Recovered* recovered, Segment* segment) {
  const auto partitions = static_cast<uint32_t>(head.first.size());
  size_t& at = segment->end;
  at = HeadBytes(partitions);
  Frame frame;
  size_t size = 0;
  recovered->group_complete = true;
  while (at < bytes.size() && ReadFrame(bytes.substr(at), &frame, &size) == FrameFound::kWhole) {
    if (frame.group != recovered->group && frame.group != recovered->group + 1) {
      return Damaged(*segment, at);
    }
    recovered->group = frame.group;
    recovered->group_complete = frame.last;
    if (frame.partition != kSeal) {
      if (frame.partition >= partitions || frame.offset != recovered->next[frame.partition]) {
        return Damaged(*segment, at);
      }
      segment->AddMark(frame.partition, frame.offset, at);
      ++recovered->next[frame.partition];
    }
    at += size;
  }
  const uint64_t damaged_group = recovered->group + (recovered->group_complete ? 1 : 0);
  if (YoungerGroupBehind(bytes, at, damaged_group, partitions)) return Damaged(*segment, at);
  return record::Done{};
}

// Zeros over what a crash left behind the end, and a seal if that was in the middle of a group: the
// next group has another number.
record::Result<record::Done> CutTail(std::string_view bytes, Recovered* recovered) {
  Segment& segment = recovered->segments.back();
  std::string tail;
  if (!recovered->group_complete && bytes.size() - segment.end >= FrameBytes(0)) {
    AppendFrame({recovered->group, 0, kSeal, true, {}}, &tail);
  }
  const size_t end = segment.end + tail.size();
  if (tail.empty() && AllZero(bytes.substr(end))) return record::Done{};
  tail.resize(bytes.size() - segment.end, '\0');
  auto cut = recovered->active->Write(segment.end, tail);
  if (!cut) return cut.error();
  segment.end = end;
  return recovered->active->Sync();
}

// Segments that were prepared ahead have no head yet. One whose head is torn was not in use.
record::Result<record::Done> RemoveUnused(const Folder& folder, uint64_t number, uint64_t group) {
  std::error_code error;
  for (; std::filesystem::exists(folder.SegmentPath(number), error); ++number) {
    const std::string path = folder.SegmentPath(number);
    auto file = SegmentFile::Open(path, false);
    if (!file) return file.error();
    auto bytes = file.value()->Read(0, file.value()->size());
    if (!bytes) return bytes.error();
    if (DecodeHead(*bytes) || YoungerGroupBehind(*bytes, 0, group + 1, folder.partitions)) {
      return record::Error{path + " is in use, but a segment's head before it is damaged"};
    }
    std::filesystem::remove(path, error);
    if (error) return record::Error{"removing " + path + ": " + error.message()};
  }
  return record::Done{};
}

record::Result<std::vector<SegmentHead>> ReadHeads(const Folder& folder) {
  std::vector<SegmentHead> heads;
  std::error_code error;
  for (;;) {
    const std::string path = folder.SegmentPath(heads.size() + 1);
    if (!std::filesystem::exists(path, error)) return heads;
    auto file = SegmentFile::Open(path, false);
    if (!file) return file.error();
    auto bytes = file.value()->Read(0, HeadBytes(folder.partitions));
    if (!bytes) return bytes.error();
    auto head = DecodeHead(*bytes);
    if (!head) return heads;
    if (head->log_id != folder.log_id || head->number != heads.size() + 1 ||
        head->first.size() != folder.partitions) {
      return record::Error{path + " belongs to another log or place"};
    }
    heads.push_back(std::move(*head));
  }
}

// Segments in use are never removed: one that is not there, and is followed by others, was lost.
record::Result<record::Done> CheckNoneIsMissing(const Folder& folder, uint64_t found) {
  const std::string next = folder.SegmentPath(found + 1);
  std::error_code error;
  if (std::filesystem::exists(next, error)) return record::Done{};
  for (const auto& entry : std::filesystem::directory_iterator(folder.path, error)) {
    const auto number = SegmentNumberOf(entry.path().filename().string());
    if (!number || *number <= found) continue;
    auto file = SegmentFile::Open(entry.path(), false);
    if (!file) return file.error();
    auto bytes = file.value()->Read(0, HeadBytes(folder.partitions));
    if (!bytes) return bytes.error();
    if (!DecodeHead(*bytes)) continue;  // prepared, and never used
    return record::Error{next + " is missing, and " + entry.path().filename().string() +
                         ", which was written later, is there. Restore the file."};
  }
  if (error) return record::Error{"listing " + folder.path + ": " + error.message()};
  return record::Done{};
}

record::Result<record::Done> RecoverTail(const SegmentHead& head, Recovered* recovered) {
  Segment& segment = recovered->segments.back();
  auto file = SegmentFile::Open(segment.path, true);
  if (!file) return file.error();
  auto bytes = file.value()->Read(0, file.value()->size());
  if (!bytes) return bytes.error();
  recovered->next = head.first;
  recovered->group = head.first_group - 1;
  recovered->active = std::move(*file);
  auto read = ReadFrames(*bytes, head, recovered, &segment);
  if (!read) return read.error();
  return CutTail(*bytes, recovered);
}

}  // namespace

record::Result<Recovered> Recover(const Folder& folder) {
  Recovered recovered;
  recovered.next.assign(folder.partitions, 0);
  auto heads = ReadHeads(folder);
  if (!heads) return heads.error();
  auto whole = CheckNoneIsMissing(folder, heads->size());
  if (!whole) return whole.error();
  for (const SegmentHead& head : *heads) {
    Segment segment;
    segment.path = folder.SegmentPath(head.number);
    segment.number = head.number;
    segment.first = head.first;
    segment.marks.resize(folder.partitions);
    std::error_code error;
    segment.end = std::filesystem::file_size(segment.path, error);
    recovered.segments.push_back(std::move(segment));
  }
  if (!heads->empty()) {
    auto tail = RecoverTail(heads->back(), &recovered);
    if (!tail) return tail.error();
  }
  auto removed = RemoveUnused(folder, heads->size() + 1, recovered.group);
  if (!removed) return removed.error();
  return recovered;
}

}  // namespace crm::log
