#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/server/process.h"

namespace crm::test {

// A real S3-compatible store on a free port of this machine (tools/bucket), in a temporary folder,
// with one bucket. It ends with the object, and when the test itself is killed.
class BucketStore {
 public:
  // It answers when this returns.
  BucketStore();

  const std::string& endpoint() const { return endpoint_; }
  const std::string& bucket() const { return bucket_; }
  const std::string& region() const { return region_; }
  const std::string& access_key() const { return access_key_; }
  const std::string& secret_key() const { return secret_key_; }
  // Of a `crm` that keeps its snapshots in a folder of the bucket.
  std::vector<std::string> FlagsOf(const std::string& folder) const;
  // Where its objects lie, by their names.
  std::filesystem::path objects() const { return folder_.path() / "buckets" / bucket_; }

  // SIGKILL, and it is gone when it returns.
  void Kill();
  // On the same port and data as before; answers when it returns.
  void Start();
  std::string Output() const;

 private:
  bool Await();

  TemporaryFolder folder_;
  std::string endpoint_;
  std::string bucket_;
  std::string region_;
  std::string access_key_;
  std::string secret_key_;
  std::unique_ptr<Process> process_;
};

}  // namespace crm::test
