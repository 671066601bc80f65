#include "libs/log/embedded_log.h"

#include <algorithm>
#include <map>
#include <utility>

#include "libs/record/check.h"

namespace crm::log {
namespace {

constexpr size_t kGroupBytes = 8 << 20;
constexpr size_t kSegmentMin = 4096;

class EmbeddedProducer final : public Producer {
 public:
  EmbeddedProducer(EmbeddedLog* log, int partition, std::function<void()> wake)
      : log_(log), partition_(partition), channel_(std::make_shared<Channel>(std::move(wake))) {}
  ~EmbeddedProducer() override { channel_->Close(); }

  void Send(std::vector<Outgoing> messages) override {
    log_->Send(partition_, channel_, std::move(messages));
  }
  std::vector<Report> TakeReports() override { return channel_->Take(); }

 private:
  EmbeddedLog* const log_;
  const int partition_;
  const std::shared_ptr<Channel> channel_;
};

}  // namespace

void Channel::Deliver(std::vector<Report> reports) {
  std::lock_guard waking(wake_mutex_);
  if (closed()) return;
  {
    std::lock_guard lock(mutex_);
    reports_.insert(reports_.end(), std::make_move_iterator(reports.begin()),
                    std::make_move_iterator(reports.end()));
  }
  if (wake_) wake_();
}

std::vector<Report> Channel::Take() {
  std::lock_guard lock(mutex_);
  return std::exchange(reports_, {});
}

void Channel::Close() {
  closed_ = true;
  std::lock_guard waking(wake_mutex_);
}

EmbeddedLog::EmbeddedLog(const EmbeddedOptions& options, std::unique_ptr<Folder> folder,
                         Recovered recovered)
    : folder_(std::move(folder)),
      segment_bytes_(std::max(options.segment_bytes, HeadBytes(folder_->partitions) + kSegmentMin)),
      active_(std::move(recovered.active)),
      group_(recovered.group),
      assigned_(recovered.next),
      segments_(std::make_move_iterator(recovered.segments.begin()),
                std::make_move_iterator(recovered.segments.end())),
      durable_(recovered.next) {
  if (!segments_.empty()) write_at_ = segments_.back().end;
}

record::Result<record::Done> EmbeddedLog::Start() {
  if (!active_) {
    auto room = MakeRoom(0);
    if (!room) return room.error();
  }
  appender_ = std::thread([this] { AppendLoop(); });
  preparer_ = std::thread([this] { PrepareLoop(); });
  return record::Done{};
}

EmbeddedLog::~EmbeddedLog() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_all();
  prepare_.notify_all();
  if (appender_.joinable()) appender_.join();
  if (preparer_.joinable()) preparer_.join();
  if (active_ && failure_.empty()) WriteSeal();
}

std::string EmbeddedLog::fault() const {
  std::lock_guard lock(mutex_);
  return failure_;
}

std::unique_ptr<Producer> EmbeddedLog::NewProducer(int partition, std::function<void()> wake) {
  CRM_CHECK(partition >= 0 && partition < partitions());
  return std::make_unique<EmbeddedProducer>(this, partition, std::move(wake));
}

void EmbeddedLog::Send(int partition, const std::shared_ptr<Channel>& channel,
                       std::vector<Outgoing> messages) {
  std::string failure;
  {
    std::lock_guard lock(mutex_);
    failure = failure_;
    if (failure.empty()) {
      for (Outgoing& message : messages) {
        waiting_.push_back({static_cast<uint32_t>(partition), channel, std::move(message)});
      }
    }
  }
  if (failure.empty()) {
    work_.notify_one();
    return;
  }
  std::vector<log::Report> reports;
  for (const Outgoing& message : messages) {
    reports.push_back({message.seq, Report::Outcome::kFailed, -1, failure});
  }
  channel->Deliver(std::move(reports));
}

void EmbeddedLog::AppendLoop() {
  std::unique_lock lock(mutex_);
  for (;;) {
    work_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    Group group;
    group.messages = TakeGroup();
    if (!group.messages.empty()) {
      lock.unlock();
      auto written = WriteGroup(&group);
      lock.lock();
      if (written) {
        Publish(group);
      } else if (failure_.empty()) {
        failure_ = written.error().text;
      }
      const std::string failure = failure_;
      lock.unlock();
      Report(group, failure);
      lock.lock();
    }
    if (!failure_.empty() && !waiting_.empty()) {
      Group rest;
      rest.messages.assign(std::make_move_iterator(waiting_.begin()),
                           std::make_move_iterator(waiting_.end()));
      waiting_.clear();
      const std::string failure = failure_;
      lock.unlock();
      Report(rest, failure);
      lock.lock();
    }
  }
}

std::vector<EmbeddedLog::Waiting> EmbeddedLog::TakeGroup() {
  const size_t limit = std::min(kGroupBytes, segment_bytes_ - HeadBytes(folder_->partitions));
  std::vector<Waiting> taken;
  size_t bytes = 0;
  while (!waiting_.empty()) {
    Waiting& front = waiting_.front();
    const size_t size = FrameBytes(front.message.body->size());
    if (!taken.empty() && bytes + size > limit) break;
    // What a closed producer had not handed over yet is purged.
    if (!front.channel->closed()) {
      bytes += size;
      taken.push_back(std::move(front));
    }
    waiting_.pop_front();
  }
  return taken;
}

record::Result<record::Done> EmbeddedLog::WriteGroup(Group* group) {
  size_t bytes = 0;
  for (const Waiting& each : group->messages) bytes += FrameBytes(each.message.body->size());
  auto room = MakeRoom(bytes);
  if (!room) return room.error();
  ++group_;
  group->bytes.reserve(bytes);
  for (const Waiting& each : group->messages) {
    const int64_t offset = assigned_[each.partition]++;
    group->offsets.push_back(offset);
    group->places.push_back(write_at_ + group->bytes.size());
    const bool last = &each == &group->messages.back();
    AppendFrame({group_, offset, each.partition, last, *each.message.body}, &group->bytes);
  }
  auto written = active_->Write(write_at_, group->bytes);
  if (!written) return written.error();
  auto synced = active_->Sync();
  if (!synced) return synced.error();
  write_at_ += group->bytes.size();
  return record::Done{};
}

record::Result<record::Done> EmbeddedLog::MakeRoom(size_t bytes) {
  if (active_ && write_at_ + bytes <= active_->size()) return record::Done{};
  auto file = NextFile(HeadBytes(folder_->partitions) + bytes);
  if (!file) return file.error();
  Segment segment;
  segment.number = segments_.size() + 1;
  segment.path = folder_->SegmentPath(segment.number);
  segment.first = assigned_;
  segment.marks.resize(folder_->partitions);
  const std::string head = EncodeHead({folder_->log_id, segment.number, group_ + 1, assigned_});
  auto written = (*file)->Write(0, head);
  if (!written) return written.error();
  auto synced = (*file)->Sync();
  if (!synced) return synced.error();
  active_ = std::move(*file);
  write_at_ = segment.end = head.size();
  std::lock_guard lock(mutex_);
  segments_.push_back(std::move(segment));
  return record::Done{};
}

// Takes the prepared file, waiting for it if it is being made; makes one itself if that failed, if
// there is none, or if it is too small.
record::Result<std::unique_ptr<SegmentFile>> EmbeddedLog::NextFile(size_t bytes) {
  std::unique_ptr<SegmentFile> file;
  {
    std::unique_lock lock(mutex_);
    prepared_.wait(lock, [this] { return !preparing_; });
    file = std::move(next_file_);
  }
  if (file && file->size() >= bytes) return file;
  file.reset();
  return SegmentFile::Create(folder_->SegmentPath(segments_.size() + 1),
                             std::max(bytes, segment_bytes_));
}

void EmbeddedLog::Publish(const Group& group) {
  Segment& segment = segments_.back();
  for (size_t i = 0; i < group.messages.size(); ++i) {
    const uint32_t partition = group.messages[i].partition;
    segment.AddMark(partition, group.offsets[i], group.places[i]);
    durable_[partition] = group.offsets[i] + 1;
  }
  segment.end = write_at_;
  // The next segment is prepared when this one is half full, so that a small log stays small.
  if (!next_file_ && !preparing_ && write_at_ > active_->size() / 2) {
    preparing_ = true;
    prepare_.notify_one();
  }
}

void EmbeddedLog::Report(const Group& group, const std::string& error) {
  std::map<std::shared_ptr<Channel>, std::vector<log::Report>> reports;
  for (size_t i = 0; i < group.messages.size(); ++i) {
    const Waiting& each = group.messages[i];
    auto& list = reports[each.channel];
    if (error.empty()) {
      list.push_back({each.message.seq, Report::Outcome::kWritten, group.offsets[i], {}});
    } else {
      list.push_back({each.message.seq, Report::Outcome::kFailed, -1, error});
    }
  }
  for (auto& [channel, list] : reports) channel->Deliver(std::move(list));
}

void EmbeddedLog::WriteSeal() {
  std::string seal;
  AppendFrame({group_ + 1, 0, kSeal, true, {}}, &seal);
  if (write_at_ + seal.size() > active_->size()) return;
  // A seal that can not be written leaves the log as a crash would.
  if (active_->Write(write_at_, seal)) (void)active_->Sync();
}

void EmbeddedLog::PrepareLoop() {
  std::unique_lock lock(mutex_);
  for (;;) {
    prepare_.wait(lock, [this] { return stopping_ || preparing_; });
    if (stopping_) break;
    const std::string path = folder_->SegmentPath(segments_.size() + 1);
    lock.unlock();
    auto file = SegmentFile::Create(path, segment_bytes_, &stopping_);
    lock.lock();
    // If this failed, the appending thread tries again when it needs the file, and reports it.
    if (file) next_file_ = std::move(*file);
    preparing_ = false;
    prepared_.notify_all();
  }
  preparing_ = false;
  prepared_.notify_all();
}

}  // namespace crm::log
