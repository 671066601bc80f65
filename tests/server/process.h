#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

// Other programs, run by tests.
namespace crm::test {

// Further environment variables, as `NAME=value`.
using Environment = std::vector<std::string>;

// A folder that goes away with the object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

std::string ReadText(const std::filesystem::path& path);
void WriteText(const std::filesystem::path& path, const std::string& text);

// A child process. It is killed with the object, and when the test itself is killed.
class Process {
 public:
  // What it prints, on both its outputs, is appended to `output`.
  Process(const std::vector<std::string>& command, const std::filesystem::path& output,
          const Environment& environment = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void Signal(int signal) const;
  // Waits for its end, at most so long. The exit code, or minus the signal that ended it; nullopt:
  // it runs still.
  std::optional<int> Wait(int timeout_ms);

 private:
  pid_t pid_ = -1;
  int descriptor_ = -1;
  std::optional<int> ended_;
};

struct Finished {
  int code = 0;
  std::string output;
};
// Runs a program to its end; one that takes longer is killed and has the code -9.
Finished Run(const std::vector<std::string>& command, const Environment& environment = {},
             int timeout_ms = 120'000);

}  // namespace crm::test
