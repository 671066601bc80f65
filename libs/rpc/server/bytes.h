#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <string>

namespace crm::rpc {

// A message's bytes in one piece: the only copy that a request makes.
std::string ToText(const grpc::ByteBuffer& buffer);

// Takes the text over; a long one is not copied.
grpc::ByteBuffer ToBuffer(std::string text);

}  // namespace crm::rpc
