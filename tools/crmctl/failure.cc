#include "tools/crmctl/failure.h"

#include <map>
#include <ostream>

#include "google/rpc/code.pb.h"
#include "google/rpc/error_details.pb.h"

namespace crm::ctl {
namespace {

// In what gRPC says when there was no connection to send anything by, with F or f before it.
constexpr char kNotConnected[] = "ailed to connect to";

}  // namespace

const char kExitCodeText[] =
    "Exit codes:\n"
    "  0  done\n"
    "  1  the command line makes no sense, or a file cannot be read or written\n"
    "  2  the server cannot be reached, is too busy, or did not answer in time\n"
    "  3  some rows of an import failed\n"
    "  4  there is no such record\n"
    "  5  refused: a field is wrong, the record's state forbids it, it changed meanwhile, it "
    "exists\n"
    "  6  not allowed\n"
    "  7  the server failed\n";

ExitCode ExitCodeOf(const Status& status) {
  switch (status.code()) {
    case google::rpc::OK:
      return kExitOk;
    case google::rpc::UNAVAILABLE:
    case google::rpc::DEADLINE_EXCEEDED:
    case google::rpc::RESOURCE_EXHAUSTED:
    case google::rpc::CANCELLED:
      return kExitUnavailable;
    case google::rpc::NOT_FOUND:
      return kExitNotFound;
    case google::rpc::INVALID_ARGUMENT:
    case google::rpc::FAILED_PRECONDITION:
    case google::rpc::ABORTED:
    case google::rpc::ALREADY_EXISTS:
    case google::rpc::OUT_OF_RANGE:
      return kExitRefused;
    case google::rpc::PERMISSION_DENIED:
    case google::rpc::UNAUTHENTICATED:
      return kExitPermission;
    default:
      return kExitInternal;
  }
}

bool OutcomeUnknown(const Status& status) {
  google::rpc::ErrorInfo info;
  if (FindDetail(status, &info)) return info.reason() == "OUTCOME_UNKNOWN";
  // gRPC's own: it gave up waiting, or lost a connection that it had.
  if (status.code() == google::rpc::DEADLINE_EXCEEDED) return true;
  return status.code() == google::rpc::UNAVAILABLE &&
         status.message().find(kNotConnected) == std::string::npos;
}

std::string CodeName(int code) {
  if (!google::rpc::Code_IsValid(code)) return std::to_string(code);
  return google::rpc::Code_Name(static_cast<google::rpc::Code>(code));
}

void PrintError(const std::exception& error, std::ostream& out) {
  if (*error.what() != '\0') out << "crmctl: " << error.what() << '\n';
}

void PrintStatus(const Status& status, std::ostream& out) {
  google::rpc::ErrorInfo info;
  FindDetail(status, &info);
  out << "crmctl: " << CodeName(status.code());
  if (!info.reason().empty()) out << ' ' << info.reason();
  out << ": " << status.message() << '\n';
  for (const auto& [key, value] : std::map(info.metadata().begin(), info.metadata().end())) {
    out << "  " << key << " = " << value << '\n';
  }
  google::rpc::BadRequest request;
  FindDetail(status, &request);
  for (const auto& violation : request.field_violations()) {
    out << "  " << violation.field() << ": ";
    if (!violation.reason().empty()) out << violation.reason() << ": ";
    out << violation.description() << '\n';
  }
}

}  // namespace crm::ctl
