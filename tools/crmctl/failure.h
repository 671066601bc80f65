#pragma once

#include <exception>
#include <iosfwd>
#include <stdexcept>
#include <string>
#include <utility>

#include "google/rpc/status.pb.h"

// How a command ends when it does not end well: inside crmctl by throwing a Failure, which main
// prints on stderr and turns into an exit code.
namespace crm::ctl {

using Status = google::rpc::Status;

enum ExitCode {
  kExitOk = 0,
  kExitUsage = 1,
  kExitUnavailable = 2,
  kExitSomeRowsFailed = 3,
  kExitNotFound = 4,
  kExitRefused = 5,
  kExitPermission = 6,
  kExitInternal = 7,
};

// For the footer of --help.
extern const char kExitCodeText[];

// The server said no, or could not be asked.
class Failure : public std::exception {
 public:
  explicit Failure(Status status) : status_(std::move(status)) {}
  const Status& status() const { return status_; }
  const char* what() const noexcept override { return status_.message().c_str(); }

 private:
  Status status_;
};

// What was typed makes no sense; nothing was sent.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// What was to be written could not be, as on a full disk; an empty text: nobody reads it.
class OutputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

ExitCode ExitCodeOf(const Status& status);

// `NOT_FOUND`, or the number of an unknown code.
std::string CodeName(int code);

// One line, unless there is nothing to say.
void PrintError(const std::exception& error, std::ostream& out);
// One line with code, reason and text; one more for each fact and each field at fault.
void PrintStatus(const Status& status, std::ostream& out);

// What was sent may have been carried out although this was the answer, or the lack of one.
bool OutcomeUnknown(const Status& status);

// The first detail of a type; false: the status has none.
template <class Detail>
bool FindDetail(const Status& status, Detail* detail) {
  for (const auto& any : status.details()) {
    if (any.Is<Detail>()) return any.UnpackTo(detail);
  }
  return false;
}

}  // namespace crm::ctl
