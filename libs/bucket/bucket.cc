#include "libs/bucket/bucket.h"

#include <algorithm>
#include <optional>
#include <pugixml.hpp>
#include <utility>
#include <vector>

#include "libs/bucket/store_client.h"

namespace crm::bucket {
namespace {

constexpr std::string_view kScheme = "s3://";

// One answer to a request for names.
struct Page {
  std::vector<std::string> keys;
  std::string next;  // what the request for the next page says; empty: there is none
};

std::optional<Page> ReadPage(const std::string& body) {
  pugi::xml_document document;
  if (!document.load_buffer(body.data(), body.size())) return std::nullopt;
  const pugi::xml_node result = document.child("ListBucketResult");
  if (!result) return std::nullopt;
  Page page;
  for (const pugi::xml_node& object : result.children("Contents"))
    page.keys.emplace_back(object.child_value("Key"));
  if (result.child("IsTruncated").text().as_bool()) {
    page.next = result.child_value("NextContinuationToken");
    if (page.next.empty()) return std::nullopt;
  }
  return page;
}

class Bucket final : public store::SnapshotPlace {
 public:
  // `folder`: what all keys begin with; empty, or with a slash at the end.
  Bucket(Account account, std::string bucket, std::string folder)
      : client_(std::move(account)), bucket_(std::move(bucket)), folder_(std::move(folder)) {}

  record::Result<record::Done> Put(const std::string& name, const std::string& path,
                                   const std::string& sha256) override {
    Request request;
    request.method = "PUT";
    request.path = PathOf(name);
    request.from_file = path;
    request.sha256 = sha256;
    return Done(client_.Send(request));
  }

  record::Result<std::vector<std::string>> List(const std::string& prefix) override {
    std::vector<std::string> names;
    std::string next;
    do {
      Request request;
      request.path = '/' + bucket_;
      // The names in their order, as the signature wants them.
      if (!next.empty()) request.query = "continuation-token=" + Escaped(next) + '&';
      request.query += "list-type=2&prefix=" + Escaped(folder_ + prefix);
      const auto body = client_.Send(request);
      if (!body) return body.error();
      auto page = ReadPage(*body);
      if (!page) return record::Error{"GET " + request.path + ": no list of names", true};
      for (const std::string& key : page->keys) {
        if (key.starts_with(folder_)) names.push_back(key.substr(folder_.size()));
      }
      next = std::move(page->next);
    } while (!next.empty());
    std::sort(names.begin(), names.end());
    return names;
  }

  record::Result<record::Done> Get(const std::string& name, const std::string& path) override {
    Request request;
    request.path = PathOf(name);
    request.to_file = path;
    return Done(client_.Send(request));
  }

  record::Result<record::Done> Remove(const std::string& name) override {
    Request request;
    request.method = "DELETE";
    request.path = PathOf(name);
    return Done(client_.Send(request));
  }

  void End() override { client_.End(); }

 private:
  std::string PathOf(const std::string& name) const {
    return '/' + bucket_ + '/' + EscapedPath(folder_ + name);
  }
  static record::Result<record::Done> Done(const record::Result<std::string>& sent) {
    if (!sent) return sent.error();
    return record::Done{};
  }

  StoreClient client_;
  const std::string bucket_;
  const std::string folder_;
};

bool IsBucketName(std::string_view name) {
  return name.size() >= 3 && name.size() <= 63 && std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
         });
}

std::string WithoutSlashes(std::string text) {
  while (text.ends_with('/')) text.pop_back();
  return text;
}

}  // namespace

bool IsBucket(std::string_view to) { return to.starts_with(kScheme); }

record::Result<std::unique_ptr<store::SnapshotPlace>> OpenBucket(const Options& options) {
  std::string bucket = options.to.substr(std::min(kScheme.size(), options.to.size()));
  std::string folder;
  if (const size_t slash = bucket.find('/'); slash != std::string::npos) {
    folder = WithoutSlashes(bucket.substr(slash + 1));
    bucket.resize(slash);
  }
  if (!folder.empty()) folder += '/';
  if (!IsBucket(options.to) || !IsBucketName(bucket)) {
    return record::Error{options.to +
                         " is not s3://BUCKET or s3://BUCKET/FOLDER: a bucket's name has 3 to 63 "
                         "of a-z, 0-9, '.' and '-'"};
  }
  if (options.region.empty()) return record::Error{options.to + " needs a region"};
  if (options.access_key.empty() || options.secret_key.empty())
    return record::Error{options.to + " needs an access key and its secret key"};
  Account account{WithoutSlashes(options.endpoint), options.region, options.access_key,
                  options.secret_key};
  if (account.endpoint.empty()) {
    account.endpoint = "https://s3." + options.region + ".amazonaws.com";
  } else if (!account.endpoint.starts_with("http://") &&
             !account.endpoint.starts_with("https://")) {
    return record::Error{options.endpoint + " is no http:// or https:// address of a store"};
  }
  std::unique_ptr<store::SnapshotPlace> opened =
      std::make_unique<Bucket>(std::move(account), std::move(bucket), std::move(folder));
  return opened;
}

}  // namespace crm::bucket
