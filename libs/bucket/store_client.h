#pragma once

#include <curl/curl.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "libs/record/result.h"

namespace crm::bucket {

inline constexpr char kNothingsSha256[] =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

struct Account {
  std::string endpoint;  // without a slash at the end
  std::string region;
  std::string access_key;
  std::string secret_key;
};

struct Request {
  const char* method = "GET";            // GET, PUT or DELETE
  std::string path;                      // percent-encoded, with the slash that it begins with
  std::string query;                     // percent-encoded, its names in their order
  std::string from_file;                 // of a PUT: what is sent
  std::string sha256 = kNothingsSha256;  // of what is sent, in hex digits
  std::string to_file;                   // of a GET: where a good answer goes, instead of to `body`
};

// Signed requests, from any thread. Connections are kept for the next ones.
class StoreClient {
 public:
  explicit StoreClient(Account account);

  // The body of a good answer. An error tells what the store says of it. Right after one has given
  // up because the store can not be reached, others do not try.
  record::Result<std::string> Send(const Request& request);
  // What is under way fails within a second, and all that comes after at once.
  void End();

 private:
  struct Answer {
    record::Result<std::string> body;
    bool reached = true;
    bool again = false;  // another try may go better
  };
  struct Free {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  };
  using Handle = std::unique_ptr<CURL, Free>;

  Answer Try(const Request& request);
  void SetUp(CURL* handle, const Request& request, curl_slist* headers);
  Handle Take();
  void Keep(Handle handle);
  // False: there is to be no other try.
  bool Pause(int tried);
  bool Rests();
  void Rest();

  const Account account_;
  std::atomic<bool> ended_{false};
  std::mutex mutex_;
  std::condition_variable end_;
  std::vector<Handle> idle_;
  std::chrono::steady_clock::time_point rests_until_;
};

// Percent-encodes all but letters, digits, `-`, `_`, `.` and `~`; a path keeps its slashes.
std::string Escaped(const std::string& text);
std::string EscapedPath(const std::string& path);

}  // namespace crm::bucket
