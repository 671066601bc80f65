#include "tools/crmctl/progress.h"

#include <unistd.h>

#include <algorithm>
#include <iostream>

namespace crm::ctl {
namespace {

constexpr int64_t kBarWidth = 30;
constexpr std::chrono::milliseconds kRedraw(100);

}  // namespace

Progress::Progress(int64_t total) : total_(total), terminal_(isatty(STDERR_FILENO)) {}

Progress::~Progress() { Clear(); }

void Progress::Show(int64_t done, const std::string& text) {
  auto now = std::chrono::steady_clock::now();
  if (!terminal_ || now < next_) return;
  next_ = now + kRedraw;
  drawn_ = true;
  std::cerr << "\r\x1b[K";
  if (total_ > 0) {
    int64_t filled = std::min(kBarWidth, done * kBarWidth / total_);
    std::cerr << '[' << std::string(static_cast<size_t>(filled), '#')
              << std::string(static_cast<size_t>(kBarWidth - filled), ' ') << "] "
              << std::min<int64_t>(100, done * 100 / total_) << " %  ";
  }
  std::cerr << text << std::flush;
}

void Progress::Clear() {
  if (drawn_) std::cerr << "\r\x1b[K" << std::flush;
  drawn_ = false;
}

}  // namespace crm::ctl
