#include "libs/rpc/server/trailer.h"

#include <algorithm>
#include <string>
#include <utility>

#include "google/rpc/error_details.pb.h"

namespace crm::rpc {
namespace {

constexpr size_t kMessageBytes = 1 << 10;

// Cuts a text without tearing a character of UTF-8.
void Cut(size_t bytes, std::string* text) {
  if (text->size() <= bytes) return;
  while (bytes > 0 && (static_cast<unsigned char>((*text)[bytes]) & 0xC0) == 0x80) --bytes;
  text->resize(bytes);
}

// True if there was something to take away.
bool HalveViolations(record::Status* status) {
  bool halved = false;
  for (google::protobuf::Any& detail : *status->mutable_details()) {
    google::rpc::BadRequest bad;
    if (!detail.UnpackTo(&bad) || bad.field_violations_size() <= 1) continue;
    const int kept = bad.field_violations_size() / 2;
    bad.mutable_field_violations()->DeleteSubrange(kept, bad.field_violations_size() - kept);
    detail.PackFrom(bad);
    halved = true;
  }
  return halved;
}

void Fit(record::Status* status) {
  while (status->ByteSizeLong() > kDetailBytes && HalveViolations(status)) {
  }
  // The first detail is the ErrorInfo.
  while (status->ByteSizeLong() > kDetailBytes && status->details_size() > 1) {
    status->mutable_details()->RemoveLast();
  }
  if (status->ByteSizeLong() > kDetailBytes) status->clear_details();
}

}  // namespace

grpc::Status ToGrpc(record::Status status) {
  if (status.code() == record::kOk) return grpc::Status::OK;
  Cut(kMessageBytes, status.mutable_message());
  Fit(&status);
  return {static_cast<grpc::StatusCode>(status.code()), status.message(),
          status.SerializeAsString()};
}

bool IsLegalMetadatum(std::string_view key, std::string_view value) {
  const bool key_is_legal =
      !key.empty() && key.size() <= 64 && std::all_of(key.begin(), key.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
      });
  return key_is_legal && !key.ends_with("-bin") &&
         std::all_of(value.begin(), value.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace crm::rpc
