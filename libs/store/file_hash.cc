#include "libs/store/file_hash.h"

#include <fstream>

#include "libs/record/sha256.h"

namespace crm::store {

record::Result<std::string> HashOfFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string block(1 << 20, 0);
  record::Sha256 hash;
  while (file) {
    file.read(block.data(), static_cast<std::streamsize>(block.size()));
    hash.Add({block.data(), static_cast<size_t>(file.gcount())});
  }
  if (!file.eof()) return record::Error{path + ": can not be read", true};
  return hash.FinishHex();
}

}  // namespace crm::store
