#pragma once

namespace crm::runtime {

// SIGTERM and SIGINT: the first asks the process to stop, the second ends it at once.
class StopSignal {
 public:
  // Before any other thread is started, so that no thread takes the signals.
  StopSignal();

  // True once the first has come; waits for it up to `milliseconds`. From then on the next one ends
  // the process.
  bool Wait(int milliseconds);
};

}  // namespace crm::runtime
