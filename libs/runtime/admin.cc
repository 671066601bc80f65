#include "libs/runtime/admin.h"

#include <CivetServer.h>

#include <string_view>
#include <utility>
#include <vector>

namespace crm::runtime {
namespace {

const char* TextOf(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 503:
      return "Service Unavailable";
    default:
      return "Internal Server Error";
  }
}

// Answers every path, so that civetweb never looks for files to serve.
class EveryPath final : public CivetHandler {
 public:
  explicit EveryPath(Admin::Pages pages) : pages_(std::move(pages)) {}

  bool handleGet(CivetServer*, mg_connection* connection) override {
    return Answer(connection, true);
  }
  bool handleHead(CivetServer*, mg_connection* connection) override {
    return Answer(connection, false);
  }
  bool handlePost(CivetServer*, mg_connection* connection) override { return Refuse(connection); }
  bool handlePut(CivetServer*, mg_connection* connection) override { return Refuse(connection); }
  bool handleDelete(CivetServer*, mg_connection* connection) override { return Refuse(connection); }
  bool handlePatch(CivetServer*, mg_connection* connection) override { return Refuse(connection); }
  bool handleOptions(CivetServer*, mg_connection* connection) override {
    return Refuse(connection);
  }

 private:
  bool Answer(mg_connection* connection, bool with_body) {
    const mg_request_info* request = mg_get_request_info(connection);
    const auto found = pages_.find(request->local_uri == nullptr ? "" : request->local_uri);
    Send(connection,
         found == pages_.end() ? Page{404, "text/plain", "There is nothing here.\n"}
                               : found->second(),
         with_body);
    return true;
  }

  static bool Refuse(mg_connection* connection) {
    Send(connection, {405, "text/plain", "Only GET is answered.\n"}, true);
    return true;
  }

  static void Send(mg_connection* connection, const Page& page, bool with_body) {
    mg_printf(
        connection,
        "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
        "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
        page.status, TextOf(page.status), page.type.c_str(), page.body.size());
    if (with_body) mg_write(connection, page.body.data(), page.body.size());
  }

  const Admin::Pages pages_;
};

}  // namespace

struct Admin::Parts {
  Parts(const std::vector<std::string>& options, Pages pages)
      : every_path(std::move(pages)), server(options) {
    server.addHandler("/", every_path);
  }
  EveryPath every_path;
  CivetServer server;
};

record::Result<std::unique_ptr<Admin>> Admin::Start(const std::string& address, Pages pages) {
  // Slow or many clients hold up each other and nothing else.
  const std::vector<std::string> options = {
      "listening_ports",          address, "num_threads",      "4",    "connection_queue",  "32",
      "request_timeout_ms",       "5000",  "max_request_size", "8192", "enable_keep_alive", "no",
      "enable_directory_listing", "no"};
  try {
    return std::unique_ptr<Admin>(new Admin(std::make_unique<Parts>(options, std::move(pages))));
  } catch (const CivetException&) {
    return record::Error{"can not listen for HTTP on " + address, true};
  }
}

Admin::Admin(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Admin::~Admin() = default;

int Admin::port() const {
  const std::vector<int> ports = parts_->server.getListeningPorts();
  return ports.empty() ? 0 : ports.front();
}

}  // namespace crm::runtime
