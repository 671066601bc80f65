#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

// As much of HTTP/1.1 as probes and scrapers need: GET, HEAD, and POST
// without a body, one request a connection.
namespace crm::runtime {

// What a path of the admin port answers.
struct Page {
  int status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::string body;
};

// By path, such as `/metrics`, or `POST /snapshot`.
using Pages = std::map<std::string, std::function<Page()>, std::less<>>;

// A request's head may be this long.
inline constexpr size_t kHeadBytes = 8 << 10;

// The answer's bytes, once enough of the request is there to give one.
std::optional<std::string> AnswerHttp(const Pages& pages, std::string_view received);

}  // namespace crm::runtime
