#include "libs/bucket/store_client.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <pugixml.hpp>
#include <utility>

namespace crm::bucket {
namespace {

using std::chrono::milliseconds;

constexpr long kConnectSeconds = 10;
constexpr long kStalledSeconds = 30;  // without a byte
constexpr auto kRest = std::chrono::seconds(10);
constexpr std::array kPauses = {milliseconds(200), milliseconds(1'000), milliseconds(3'000)};
// Of answers that are kept in memory: a page of a list has up to 1,000 names.
constexpr size_t kBodyBytes = 8 << 20;
constexpr long kOk = 200;

struct CloseFile {
  void operator()(std::FILE* file) const { (void)std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Headers = std::unique_ptr<curl_slist, FreeList>;

// Where an answer's bytes go.
struct Sink {
  CURL* handle;
  std::FILE* file;  // null: none
  std::string body;
};

size_t Write(const char* bytes, size_t, size_t count, void* sink_pointer) {
  Sink& sink = *static_cast<Sink*>(sink_pointer);
  long status = 0;
  curl_easy_getinfo(sink.handle, CURLINFO_RESPONSE_CODE, &status);
  if (sink.file != nullptr && status == kOk) return std::fwrite(bytes, 1, count, sink.file);
  if (sink.body.size() + count > kBodyBytes) return 0;
  sink.body.append(bytes, count);
  return count;
}

int Ended(void* ended, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::atomic<bool>*>(ended)->load() ? 1 : 0;
}

// Where somebody else is at fault, and perhaps only now.
bool MayPass(CURLcode code) {
  constexpr std::array kPassing = {CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT,
                                   CURLE_OPERATION_TIMEDOUT,   CURLE_SEND_ERROR,
                                   CURLE_RECV_ERROR,           CURLE_GOT_NOTHING,
                                   CURLE_PARTIAL_FILE,         CURLE_SSL_CONNECT_ERROR};
  return std::find(kPassing.begin(), kPassing.end(), code) != kPassing.end();
}
bool MayPass(long status) { return status == 429 || status >= 500; }

bool IsGood(const Request& request, long status) {
  // What is to be removed may be gone already.
  const bool gone = status == 404 && std::strcmp(request.method, "DELETE") == 0;
  return gone || (status >= 200 && status < 300);
}

record::Result<File> Open(const std::string& path, const char* mode) {
  File file(std::fopen(path.c_str(), mode));
  if (!file) return record::Error{path + ": " + std::strerror(errno), true};
  return file;
}

Headers HeadersOf(const std::string& sha256) {
  Headers headers(curl_slist_append(nullptr, ("x-amz-content-sha256: " + sha256).c_str()));
  // Whoever waits for leave to send waits a second where nobody gives it.
  headers.reset(curl_slist_append(headers.release(), "Expect:"));
  return headers;
}

record::Result<File> SendFile(const std::string& path, CURL* handle) {
  auto file = Open(path, "rbe");
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (!file || error)
    return file ? record::Error{path + ": " + error.message(), true} : file.error();
  curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(handle, CURLOPT_READDATA, file->get());
  curl_easy_setopt(handle, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(size));
  return file;
}

// `404 NoSuchKey: The specified key does not exist.`
std::string TextOf(long status, const std::string& body) {
  std::string text = std::to_string(status);
  pugi::xml_document document;
  if (!document.load_buffer(body.data(), body.size())) return text;
  const pugi::xml_node error = document.child("Error");
  if (error.child("Code")) text += std::string(" ") + error.child_value("Code");
  if (error.child("Message")) text += std::string(": ") + error.child_value("Message");
  return text;
}

}  // namespace

std::string Escaped(const std::string& text) {
  const std::unique_ptr<char, decltype(&curl_free)> escaped(
      curl_easy_escape(nullptr, text.data(), static_cast<int>(text.size())), curl_free);
  return escaped ? escaped.get() : "";
}

std::string EscapedPath(const std::string& path) {
  const std::string slash = "%2F";
  std::string escaped = Escaped(path);
  for (size_t at = escaped.find(slash); at != std::string::npos; at = escaped.find(slash, at + 1))
    escaped.replace(at, slash.size(), "/");
  return escaped;
}

StoreClient::StoreClient(Account account) : account_(std::move(account)) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
}

record::Result<std::string> StoreClient::Send(const Request& request) {
  const std::string what = request.method + (' ' + request.path) + ": ";
  if (Rests()) return record::Error{what + "the store could not be reached a moment ago", true};
  for (int tried = 1;; ++tried) {
    Answer answer = Try(request);
    if (answer.body) return std::move(answer.body);
    if (answer.again && Pause(tried)) continue;
    if (!answer.reached) Rest();
    return record::Error{what + answer.body.error().text, true};
  }
}

bool StoreClient::Rests() {
  const std::lock_guard lock(mutex_);
  return std::chrono::steady_clock::now() < rests_until_;
}

void StoreClient::Rest() {
  const std::lock_guard lock(mutex_);
  rests_until_ = std::chrono::steady_clock::now() + kRest;
}

void StoreClient::End() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  end_.notify_all();
}

bool StoreClient::Pause(int tried) {
  if (static_cast<size_t>(tried) > kPauses.size()) return false;
  std::unique_lock lock(mutex_);
  return !end_.wait_for(lock, kPauses[static_cast<size_t>(tried) - 1],
                        [this] { return ended_.load(); });
}

StoreClient::Handle StoreClient::Take() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) return Handle(curl_easy_init());
  Handle handle = std::move(idle_.back());
  idle_.pop_back();
  curl_easy_reset(handle.get());
  return handle;
}

void StoreClient::Keep(Handle handle) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(handle));
}

void StoreClient::SetUp(CURL* handle, const Request& request, curl_slist* headers) {
  const std::string url =
      account_.endpoint + request.path + (request.query.empty() ? "" : '?' + request.query);
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_AWS_SIGV4, ("aws:amz:" + account_.region + ":s3").c_str());
  curl_easy_setopt(handle, CURLOPT_USERNAME, account_.access_key.c_str());
  curl_easy_setopt(handle, CURLOPT_PASSWORD, account_.secret_key.c_str());
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, kStalledSeconds);
  curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, Ended);
  curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &ended_);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, Write);
}

StoreClient::Answer StoreClient::Try(const Request& request) {
  Handle handle = Take();
  if (!handle) return {record::Error{"no memory", true}};
  const Headers headers = HeadersOf(request.sha256);
  SetUp(handle.get(), request, headers.get());
  record::Result<File> from = File();
  record::Result<File> to = File();
  if (!request.from_file.empty()) {
    from = SendFile(request.from_file, handle.get());
  } else {
    curl_easy_setopt(handle.get(), CURLOPT_CUSTOMREQUEST, request.method);
  }
  if (!request.to_file.empty()) to = Open(request.to_file, "wbe");
  if (!from) return {from.error()};
  if (!to) return {to.error()};
  Sink sink{handle.get(), to->get(), {}};
  curl_easy_setopt(handle.get(), CURLOPT_WRITEDATA, &sink);
  const CURLcode code = ended_ ? CURLE_ABORTED_BY_CALLBACK : curl_easy_perform(handle.get());
  long status = 0;
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  Keep(std::move(handle));
  if (code == CURLE_ABORTED_BY_CALLBACK) return {record::Error{"the process is stopping", true}};
  if (code != CURLE_OK) {
    return {record::Error{curl_easy_strerror(code), true}, !MayPass(code), MayPass(code)};
  }
  if (!IsGood(request, status))
    return {record::Error{TextOf(status, sink.body), true}, true, MayPass(status)};
  if (*to && std::fflush(to->get()) != 0)
    return {record::Error{request.to_file + ": " + std::strerror(errno), true}};
  return {std::move(sink.body)};
}

}  // namespace crm::bucket
