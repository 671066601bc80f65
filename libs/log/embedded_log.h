#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "libs/log/embedded_files.h"
#include "libs/log/log.h"

namespace crm::log {

// What a producer and the appending thread share. It outlives whichever goes first.
class Channel {
 public:
  explicit Channel(std::function<void()> wake) : wake_(std::move(wake)) {}

  void Deliver(std::vector<Report> reports);
  std::vector<Report> Take();
  // Nobody is woken after this returns; what was not written yet is dropped.
  void Close();
  bool closed() const { return closed_.load(std::memory_order_relaxed); }

 private:
  std::mutex mutex_;
  std::mutex wake_mutex_;  // held while wake_ runs, so that Close can wait for it
  std::vector<Report> reports_;
  std::function<void()> wake_;
  std::atomic<bool> closed_{false};
};

// One thread writes: everything that came in while the fdatasync before was under way becomes one
// group. Another prepares the next segment. Readers open the files for themselves.
//
// When writing or syncing fails, what of the group is on disk can not be known, and a second fsync
// may succeed without having written anything. So nothing is tried again: the whole group is
// reported as failed, so is everything sent later, and the log has to be opened anew. Owners lose
// their claims by that and stop (Log::fault).
class EmbeddedLog final : public Log {
 public:
  EmbeddedLog(const EmbeddedOptions& options, std::unique_ptr<Folder> folder, Recovered recovered);
  ~EmbeddedLog() override;
  record::Result<record::Done> Start();

  int partitions() const override { return static_cast<int>(folder_->partitions); }
  bool exclusive() const override { return true; }
  std::string fault() const override;
  std::unique_ptr<Producer> NewProducer(int partition, std::function<void()> wake) override;
  record::Result<std::vector<Stored>> Read(int partition, int64_t from, size_t max_bytes) override;
  record::Result<int64_t> End(int partition) override;

  void Send(int partition, const std::shared_ptr<Channel>& channel, std::vector<Outgoing> messages);

 private:
  struct Waiting {
    uint32_t partition;
    std::shared_ptr<Channel> channel;
    Outgoing message;
  };
  struct Group {  // being written: everything that its end makes visible
    std::vector<Waiting> messages;
    std::vector<int64_t> offsets;
    std::vector<size_t> places;
    std::string bytes;
  };
  struct Place {  // where to go on reading a partition
    size_t segment = 0;
    size_t at = 0;
    int64_t offset = 0;  // of the partition's next message from there on
  };

  struct Reading {
    uint32_t partition = 0;
    int64_t from = 0;  // the next message wanted
    size_t bytes_left = 0;
    std::vector<Stored> out;
    std::vector<Mark> marks;
  };

  void AppendLoop();
  std::vector<Waiting> TakeGroup();
  record::Result<record::Done> WriteGroup(Group* group);
  record::Result<record::Done> MakeRoom(size_t bytes);
  record::Result<std::unique_ptr<SegmentFile>> NextFile(size_t bytes);
  void Publish(const Group& group);
  void Report(const Group& group, const std::string& error);
  void WriteSeal();

  void PrepareLoop();

  record::Result<Place> Find(int partition, int64_t from);
  record::Result<record::Done> ReadSegment(Place place, Reading* reading);
  static FrameFound TakeFrames(std::string_view piece, int64_t until, Place* place,
                               Reading* reading, size_t* size);

  const std::unique_ptr<Folder> folder_;
  const size_t segment_bytes_;

  // Of the appending thread.
  std::unique_ptr<SegmentFile> active_;
  size_t write_at_ = 0;
  uint64_t group_ = 0;
  std::vector<int64_t> assigned_;  // each partition's next offset, durable or not

  mutable std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable prepare_;
  std::condition_variable prepared_;
  std::atomic<bool> stopping_{false};
  std::string failure_;  // why nothing is written any more
  std::deque<Waiting> waiting_;
  std::deque<Segment> segments_;
  std::vector<int64_t> durable_;  // each partition's end
  bool preparing_ = false;
  std::unique_ptr<SegmentFile> next_file_;

  std::thread appender_;
  std::thread preparer_;
};

}  // namespace crm::log
