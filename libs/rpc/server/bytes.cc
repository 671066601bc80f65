#include "libs/rpc/server/bytes.h"

#include <grpcpp/support/slice.h>

#include <utility>
#include <vector>

namespace crm::rpc {
namespace {

// Up to here a copy costs less than the allocation that hands a text over.
constexpr size_t kCopiedBytes = 1024;

}  // namespace

std::string ToText(const grpc::ByteBuffer& buffer) {
  grpc::Slice single;
  if (buffer.TrySingleSlice(&single).ok()) {
    return {reinterpret_cast<const char*>(single.begin()), single.size()};
  }
  std::string text;
  std::vector<grpc::Slice> slices;
  if (!buffer.Dump(&slices).ok()) return text;
  text.reserve(buffer.Length());
  for (const grpc::Slice& slice : slices) {
    text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return text;
}

grpc::ByteBuffer ToBuffer(std::string text) {
  // A buffer of no slices at all counts as invalid, so an empty text becomes an empty slice.
  if (text.size() <= kCopiedBytes) {
    grpc::Slice slice(text.data(), text.size());
    return grpc::ByteBuffer(&slice, 1);
  }
  auto* kept = new std::string(std::move(text));
  grpc::Slice slice(
      kept->data(), kept->size(), [](void* owner) { delete static_cast<std::string*>(owner); },
      kept);
  return grpc::ByteBuffer(&slice, 1);
}

}  // namespace crm::rpc
