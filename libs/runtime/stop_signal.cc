#include "libs/runtime/stop_signal.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

namespace crm::runtime {
namespace {

sigset_t Stopping() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

void EndAtOnce(int number) { _exit(128 + number); }

}  // namespace

StopSignal::StopSignal() {
  const sigset_t set = Stopping();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

bool StopSignal::Wait(int milliseconds) {
  const sigset_t set = Stopping();
  const timespec timeout{milliseconds / 1000, (milliseconds % 1000) * 1'000'000L};
  const int number = sigtimedwait(&set, nullptr, &timeout);
  if (number != SIGTERM && number != SIGINT) return false;
  struct sigaction at_once {};
  at_once.sa_handler = EndAtOnce;
  sigaction(SIGTERM, &at_once, nullptr);
  sigaction(SIGINT, &at_once, nullptr);
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  return true;
}

}  // namespace crm::runtime
