#include <algorithm>

#include "libs/log/embedded_log.h"

namespace crm::log {
namespace {

constexpr size_t kChunk = 512 << 10;

record::Error Missing(const std::string& path, size_t at) {
  return {path + " is damaged at byte " + std::to_string(at) + ". Restore the file."};
}

}  // namespace

record::Result<int64_t> EmbeddedLog::End(int partition) {
  std::lock_guard lock(mutex_);
  return durable_[static_cast<size_t>(partition)];
}

// The segment that holds the offset, and the nearest place before it that is known.
record::Result<EmbeddedLog::Place> EmbeddedLog::Find(int partition, int64_t from) {
  const auto p = static_cast<size_t>(partition);
  std::lock_guard lock(mutex_);
  if (from < 0 || from > durable_[p]) {
    return record::Error{"offset " + std::to_string(from) + " is out of range"};
  }
  // The last segment that begins at or before the offset: segments without messages of this
  // partition begin where the next one does.
  const auto behind = std::upper_bound(
      segments_.begin(), segments_.end(), from,
      [p](int64_t offset, const Segment& segment) { return offset < segment.first[p]; });
  const Segment& segment = *(behind - 1);
  Place place{static_cast<size_t>(behind - segments_.begin()) - 1, HeadBytes(folder_->partitions),
              segment.first[p]};
  const auto& marks = segment.marks[p];
  const auto mark =
      std::upper_bound(marks.begin(), marks.end(), from,
                       [](int64_t offset, const Mark& m) { return offset < m.offset; });
  if (mark != marks.begin()) {
    place.at = (mark - 1)->at;
    place.offset = (mark - 1)->offset;
  }
  return place;
}

record::Result<std::vector<Stored>> EmbeddedLog::Read(int partition, int64_t from,
                                                      size_t max_bytes) {
  Reading reading;
  reading.partition = static_cast<uint32_t>(partition);
  reading.from = from;
  reading.bytes_left = std::max<size_t>(max_bytes, 1);
  const auto end = End(partition);
  while (reading.from < *end && reading.bytes_left > 0) {
    auto place = Find(partition, reading.from);
    if (!place) return place.error();
    auto read = ReadSegment(*place, &reading);
    if (!read) return read.error();
  }
  if (reading.out.empty() && from != *end) {
    return record::Error{"offset " + std::to_string(from) + " is out of range"};
  }
  return std::move(reading.out);
}

// Takes the partition's messages out of a piece of a segment, up to `until`.
FrameFound EmbeddedLog::TakeFrames(std::string_view piece, int64_t until, Place* place,
                                   Reading* reading, size_t* size) {
  Frame frame;
  FrameFound found = FrameFound::kWhole;
  while (place->offset < until && reading->bytes_left > 0) {
    found = ReadFrame(piece, &frame, size);
    if (found != FrameFound::kWhole) return found;
    if (frame.partition == reading->partition) {
      if (frame.offset != place->offset) return FrameFound::kDamaged;
      auto& marks = reading->marks;
      if (marks.empty() || place->at >= marks.back().at + kMarkEvery) {
        marks.push_back({frame.offset, place->at});
      }
      if (frame.offset >= reading->from) {
        reading->out.push_back({frame.offset, std::make_shared<const std::string>(frame.body)});
        reading->bytes_left -= std::min(reading->bytes_left, frame.body.size() + 1);
      }
      ++place->offset;
    }
    place->at += *size;
    piece.remove_prefix(*size);
  }
  return FrameFound::kWhole;
}

record::Result<record::Done> EmbeddedLog::ReadSegment(Place place, Reading* reading) {
  const uint32_t partition = reading->partition;
  std::string path;
  size_t end = 0;
  int64_t until = 0;  // this segment holds the partition's offsets below
  {
    std::lock_guard lock(mutex_);
    const Segment& segment = segments_[place.segment];
    const bool newest = place.segment + 1 == segments_.size();
    path = segment.path;
    end = segment.end;
    until = newest ? durable_[partition] : segments_[place.segment + 1].first[partition];
  }
  auto file = SegmentFile::Open(path, false);
  if (!file) return file.error();
  reading->marks.clear();
  for (size_t want = kChunk;;) {
    auto piece = (*file)->Read(place.at, std::min(want, end - place.at));
    if (!piece) return piece.error();
    size_t size = 0;
    const FrameFound found = TakeFrames(*piece, until, &place, reading, &size);
    if (found == FrameFound::kWhole) break;
    if (found != FrameFound::kNeedsMore || place.at + size > end) return Missing(path, place.at);
    want = std::max(kChunk, size);
  }
  reading->from = place.offset;
  std::lock_guard lock(mutex_);
  Segment& segment = segments_[place.segment];
  for (const Mark& mark : reading->marks) segment.AddMark(partition, mark.offset, mark.at);
  return record::Done{};
}

}  // namespace crm::log
