#include "libs/store/attempts.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace crm::store {
namespace {

constexpr size_t kPage = 4096;

}  // namespace

Attempts::Attempts(const std::string& path, bool forget) {
  const int file =
      path.empty() ? -1 : open((path + ".attempts").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return;
  // Where a page can not be had, a failing commit is tried again for ever, as without it.
  void* page = ftruncate(file, kPage) == 0
                   ? mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
                   : MAP_FAILED;
  close(file);
  if (page == MAP_FAILED) return;
  numbers_ = static_cast<std::atomic<int64_t>*>(page);
  for (int i = 0; forget && i < kNumbers; ++i) numbers_[i] = 0;
  failed_loads_ = At(kLoads);
  const int64_t applying = At(kApplying).exchange(0);
  if (applying == 0) return;
  At(kFailures) = At(kFailed) == applying ? At(kFailures) + 1 : 1;
  At(kFailed) = applying;
}

Attempts::~Attempts() {
  if (numbers_ != own_.data()) munmap(numbers_, kPage);
}

}  // namespace crm::store
