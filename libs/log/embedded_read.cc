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
  max_bytes = std::max<size_t>(max_bytes, 1);
  std::vector<Stored> out;
  size_t bytes = 0;
  auto end = End(partition);
  while (from < *end && bytes < max_bytes) {
    auto place = Find(partition, from);
    if (!place) return place.error();
    auto read = ReadSegment(partition, from, max_bytes, &*place, &out, &bytes);
    if (!read) return read.error();
    from = place->offset;
  }
  if (out.empty() && from != *end) {
    return record::Error{"offset " + std::to_string(from) + " is out of range"};
  }
  return out;
}

record::Result<record::Done> EmbeddedLog::ReadSegment(int partition, int64_t from, size_t max_bytes,
                                                      Place* place, std::vector<Stored>* out,
                                                      size_t* bytes) {
  const auto p = static_cast<uint32_t>(partition);
  std::string path;
  size_t end = 0;
  int64_t until = 0;  // this segment holds the partition's offsets below
  {
    std::lock_guard lock(mutex_);
    const Segment& segment = segments_[place->segment];
    const bool newest = place->segment + 1 == segments_.size();
    path = segment.path;
    end = segment.end;
    until = newest ? durable_[p] : segments_[place->segment + 1].first[p];
  }
  auto file = SegmentFile::Open(path, false);
  if (!file) return file.error();
  std::vector<Mark> marks;
  size_t want = kChunk;
  while (place->offset < until && *bytes < max_bytes) {
    auto chunk = (*file)->Read(place->at, std::min(want, end - place->at));
    if (!chunk) return chunk.error();
    std::string_view rest = *chunk;
    Frame frame;
    size_t size = 0;
    FrameFound found = FrameFound::kNeedsMore;
    while (place->offset < until && *bytes < max_bytes &&
           (found = ReadFrame(rest, &frame, &size)) == FrameFound::kWhole) {
      if (frame.partition == p) {
        if (frame.offset != place->offset) return Missing(path, place->at);
        if (marks.empty() || place->at >= marks.back().at + kMarkEvery) {
          marks.push_back({frame.offset, place->at});
        }
        if (frame.offset >= from) {
          out->push_back({frame.offset, std::make_shared<const std::string>(frame.body)});
          *bytes += frame.body.size();
        }
        ++place->offset;
      }
      place->at += size;
      rest.remove_prefix(size);
    }
    if (place->offset == until || *bytes >= max_bytes) break;
    if (found != FrameFound::kNeedsMore || place->at + size > end) return Missing(path, place->at);
    want = std::max(kChunk, size);
  }
  std::lock_guard lock(mutex_);
  for (const Mark& mark : marks) segments_[place->segment].AddMark(p, mark.offset, mark.at);
  return record::Done{};
}

}  // namespace crm::log
