#include "libs/log/question.h"

#include <utility>

namespace crm::log {

Question::Question(Log& log, std::function<void()> wake) : log_(log), wake_(std::move(wake)) {}

Question::~Question() { Drop(); }

void Question::Ask(std::function<Answer(Log&)> work) {
  Drop();
  slot_ = std::make_shared<Slot>();
  slot_->wake = wake_;
  log_.Aside([slot = slot_, log = &log_, work = std::move(work)] {
    Answer answer = work(*log);
    std::lock_guard lock(slot->mutex);
    slot->answer = std::move(answer);
    if (slot->wake) slot->wake();
  });
}

bool Question::answered() const {
  if (!slot_) return false;
  std::lock_guard lock(slot_->mutex);
  return slot_->answer.has_value();
}

std::optional<Question::Answer> Question::Take() {
  if (!answered()) return std::nullopt;
  return std::exchange(slot_, nullptr)->answer;
}

void Question::Drop() {
  if (!slot_) return;
  {
    std::lock_guard lock(slot_->mutex);
    slot_->wake = nullptr;
  }
  slot_.reset();
}

}  // namespace crm::log
