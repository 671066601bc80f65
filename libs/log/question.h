#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "libs/log/log.h"
#include "libs/record/result.h"

namespace crm::log {

// A question to a log that is answered aside (Log::Aside), while whoever asks goes on. One at a
// time.
class Question {
 public:
  using Answer = record::Result<int64_t>;

  // `wake` is called, from any thread, when an answer is there, and never after this was destroyed:
  // it may only signal. The log must outlive this.
  Question(Log& log, std::function<void()> wake);
  ~Question();

  // `work` may run after this was destroyed: it keeps what it needs, but for the log.
  void Ask(std::function<Answer(Log&)> work);
  // Asked, and not taken or dropped yet.
  bool open() const { return slot_ != nullptr; }
  bool answered() const;
  // The answer, once it is there.
  std::optional<Answer> Take();
  // An answer to what was asked so far is nobody's any more.
  void Drop();

 private:
  struct Slot {
    std::mutex mutex;
    std::function<void()> wake;
    std::optional<Answer> answer;
  };

  Log& log_;
  const std::function<void()> wake_;
  std::shared_ptr<Slot> slot_;
};

}  // namespace crm::log
