#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "google/rpc/status.pb.h"

// What a client is told when a call fails: a google.rpc.Status with an ErrorInfo always, whose
// reason programs switch on, and a BadRequest where fields are at fault.
namespace crm::record {

using Status = google::rpc::Status;

// gRPC's codes; the numbers are those of grpc::StatusCode.
enum Code {
  kOk = 0,
  kCancelled = 1,
  kUnknown = 2,
  kInvalidArgument = 3,
  kDeadlineExceeded = 4,
  kNotFound = 5,
  kAlreadyExists = 6,
  kPermissionDenied = 7,
  kResourceExhausted = 8,
  kFailedPrecondition = 9,
  kAborted = 10,
  kOutOfRange = 11,
  kUnimplemented = 12,
  kInternal = 13,
  kUnavailable = 14,
  kUnauthenticated = 16,
};

// One field at fault.
struct Violation {
  std::string path;         // `lead.email`, as the request names it
  std::string reason;       // REQUIRED_FIELD, TOO_LONG, UNKNOWN_FIELD …: domain.md 1.10
  std::string description;  // for people
  bool operator==(const Violation&) const = default;
};

struct Metadatum {
  std::string key;
  std::string value;
};

// With ErrorInfo{reason, domain "recall", metadata}.
Status MakeStatus(Code code, std::string_view reason, std::string_view text,
                  const std::vector<Metadatum>& metadata = {});
// INVALID_ARGUMENT with a BadRequest; the ErrorInfo's reason is the first violation's.
Status InvalidArgument(const std::vector<Violation>& violations);
// With ResourceInfo.
Status NotFound(std::string_view name);
// With RetryInfo.
Status Unavailable(std::string_view reason, std::string_view text, int retry_ms);
Status ResourceExhausted(std::string_view reason, std::string_view text, int retry_ms);

// The ErrorInfo's reason; empty if there is none.
std::string ReasonOf(const Status& status);

}  // namespace crm::record
