#include "tests/server/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

extern char** environ;

namespace crm::test {
namespace {

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

// The variables of this process, replaced and extended by those given.
std::vector<std::string> Merged(const Environment& environment) {
  std::vector<std::string> merged = environment;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string text = *variable;
    const std::string name = text.substr(0, text.find('=') + 1);
    bool replaced = false;
    for (const std::string& given : environment) replaced = replaced || given.starts_with(name);
    if (!replaced) merged.push_back(text);
  }
  return merged;
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "recall-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) ADD_FAILURE() << "no temporary folder";
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string ReadText(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

void WriteText(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

Process::Process(const std::vector<std::string>& command, const std::filesystem::path& output,
                 const Environment& environment) {
  const std::vector<std::string> variables = Merged(environment);
  const std::vector<char*> arguments = Pointers(command);
  const std::vector<char*> names = Pointers(variables);
  const int file = open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0) {
    // Other threads are gone: only what is safe in a signal's context may be called here.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    dup2(file, STDOUT_FILENO);
    dup2(file, STDERR_FILENO);
    execvpe(arguments[0], arguments.data(), names.data());
    _exit(127);
  }
  close(file);
  descriptor_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  if (pid_ < 0 || descriptor_ < 0) ADD_FAILURE() << "can not run " << command[0];
}

Process::~Process() {
  if (!ended_) {
    Signal(SIGKILL);
    Wait(10'000);
  }
  close(descriptor_);
}

void Process::Signal(int signal) const {
  if (!ended_ && pid_ > 0) kill(pid_, signal);
}

std::optional<int> Process::Wait(int timeout_ms) {
  if (ended_) return ended_;
  pollfd waited{descriptor_, POLLIN, 0};
  int status = 0;
  if (poll(&waited, 1, timeout_ms) > 0 && waitpid(pid_, &status, 0) == pid_) {
    ended_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  return ended_;
}

Finished Run(const std::vector<std::string>& command, const Environment& environment,
             int timeout_ms) {
  TemporaryFolder folder;
  const auto output = folder.path() / "output";
  Process process(command, output, environment);
  auto code = process.Wait(timeout_ms);
  if (!code) {
    process.Signal(SIGKILL);
    code = process.Wait(10'000);
  }
  return {code.value_or(-SIGKILL), ReadText(output)};
}

}  // namespace crm::test
