#include "libs/runtime/http.h"

namespace crm::runtime {
namespace {

const char* TextOf(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 202:
      return "Accepted";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 409:
      return "Conflict";
    case 431:
      return "Request Header Fields Too Large";
    case 503:
      return "Service Unavailable";
    default:
      return "Internal Server Error";
  }
}

std::string Encode(const Page& page, bool with_body) {
  std::string answer = "HTTP/1.1 " + std::to_string(page.status) + " " + TextOf(page.status) +
                       "\r\nContent-Type: " + page.type +
                       "\r\nContent-Length: " + std::to_string(page.body.size()) +
                       "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff"
                       "\r\nConnection: close\r\n\r\n";
  if (with_body) answer += page.body;
  return answer;
}

std::string Refuse(int status, const char* text) {
  return Encode({status, "text/plain", text}, true);
}

}  // namespace

std::optional<std::string> AnswerHttp(const Pages& pages, std::string_view received) {
  const size_t end = received.find("\r\n\r\n");
  if (end == std::string_view::npos) {
    if (received.size() <= kHeadBytes) return std::nullopt;
    return Refuse(431, "The request is too long.\n");
  }
  const std::string_view line = received.substr(0, received.find("\r\n"));
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  if (first == last || !line.substr(last + 1).starts_with("HTTP/1.")) {
    return Refuse(400, "This is not HTTP/1.\n");
  }
  const std::string_view method = line.substr(0, first);
  std::string_view path = line.substr(first + 1, last - first - 1);
  path = path.substr(0, path.find('?'));
  if (method == "POST") {
    const auto action = pages.find("POST " + std::string(path));
    if (action != pages.end()) return Encode(action->second(), true);
  }
  if (method != "GET" && method != "HEAD") return Refuse(405, "Only GET is answered.\n");
  const auto found = pages.find(path);
  if (found == pages.end() && pages.contains("POST " + std::string(path))) {
    return Refuse(405, "Only POST is answered.\n");
  }
  if (found == pages.end()) return Refuse(404, "There is nothing here.\n");
  return Encode(found->second(), method == "GET");
}

}  // namespace crm::runtime
