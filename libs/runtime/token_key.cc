#include "libs/runtime/token_key.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace crm::runtime {
namespace {

constexpr size_t kKeyLength = 64;

std::string NewKey(record::Random& random) {
  std::string key;
  while (key.size() < kKeyLength) {
    char word[17];
    std::snprintf(word, sizeof word, "%016llx", static_cast<unsigned long long>(random.Next()));
    key += word;
  }
  return key;
}

record::Error Failed(const std::string& path) { return {path + ": " + std::strerror(errno)}; }

// Under another name first: a key file is whole or not there.
record::Result<std::string> Create(const std::string& path, record::Random& random) {
  const std::string key = NewKey(random);
  const std::string fresh = path + ".new";
  const int file = open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return Failed(fresh);
  const bool written = fchmod(file, 0600) == 0 &&
                       write(file, key.data(), key.size()) == static_cast<ssize_t>(key.size()) &&
                       fsync(file) == 0;
  if (close(file) != 0 || !written) return Failed(fresh);
  if (rename(fresh.c_str(), path.c_str()) != 0) return Failed(path);
  return key;
}

}  // namespace

record::Result<std::string> TokenKey(const Settings& settings, record::Random& random) {
  if (!settings.token_key.empty()) return settings.token_key;
  std::error_code failed;
  std::filesystem::create_directories(settings.data, failed);
  if (failed) return record::Error{settings.data + ": " + failed.message()};
  const std::string path = settings.data + "/token.key";
  if (access(path.c_str(), F_OK) != 0) return Create(path, random);
  std::ifstream file(path);
  if (!file) return Failed(path);
  std::string key((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (key.size() != kKeyLength) return record::Error{path + ": is no token key"};
  return key;
}

}  // namespace crm::runtime
