#pragma once

#include <grpcpp/support/status.h>

#include <string_view>

#include "libs/record/status.h"

// What goes into the headers and trailers of an answer.
namespace crm::rpc {

// Clients accept 8 KiB of metadata by default, and fail a call whose answer brings more: the
// details and the metadata of an answer each keep well below that.
inline constexpr size_t kDetailBytes = 4 << 10;
inline constexpr size_t kMetadataBytes = 2 << 10;

// With the whole google.rpc.Status in `grpc-status-details-bin`. A list of violations that is too
// long is cut at its end; the code and the reason are always there.
grpc::Status ToGrpc(record::Status status);

// gRPC's core aborts the process on a metadatum that HTTP/2 does not allow.
bool IsLegalMetadatum(std::string_view key, std::string_view value);

}  // namespace crm::rpc
