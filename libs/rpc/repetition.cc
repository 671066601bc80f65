#include "libs/rpc/repetition.h"

#include <algorithm>
#include <charconv>

#include "libs/record/image.h"
#include "libs/record/sha256.h"
#include "libs/record/spans.h"
#include "libs/rpc/caller.h"

namespace crm::rpc {
namespace {

using record::MethodKind;

constexpr uint32_t kBatchRequestId = 2;
constexpr size_t kLongestRequestId = 128;

}  // namespace

void ReadRequestId(const record::Spans& spans, Reading& reading, shard::Command* command) {
  const MethodKind kind = command->method->kind;
  if (kind == MethodKind::kPreviewDelete) {
    command->validate_only = true;
    return;
  }
  const bool batch = kind == MethodKind::kBatchCreate || kind == MethodKind::kBatchUpdate;
  const uint32_t number = batch ? kBatchRequestId : kItemRequestId;
  command->request_id = std::string(spans.Text(number));
  command->validate_only = !batch && spans.Integer(kItemValidateOnly) != 0;
  if (command->request_id.empty()) return;
  const bool printable =
      std::all_of(command->request_id.begin(), command->request_id.end(),
                  [](unsigned char letter) { return letter > ' ' && letter < 127; });
  if (command->request_id.size() > kLongestRequestId || !printable) {
    reading.violations.push_back({"request_id", "INVALID_FORMAT",
                                  "A request id has at most 128 printable ASCII characters."});
    return;
  }
  const Route& route = reading.route;
  // Asking first what the request would do does not make another one of it.
  record::ImageEdit edit(route.request);
  edit.Clear(number);
  if (command->validate_only) edit.Clear(kItemValidateOnly);
  const std::string content = edit.Build();
  std::string text = command->method->path;
  for (std::string_view part :
       {std::string_view(route.principal.tenant), std::string_view(route.principal.user),
        std::string_view(content)}) {
    text.push_back('\0');
    text.append(part);
  }
  command->request_hash = record::Sha256::HexOf(text).substr(0, 32);
}

void ReadOutbox(const Call& call, Reading& reading, shard::Command* command) {
  const std::string_view text = Find(call.metadata, "crm-outbox");
  if (text.empty()) return;
  const size_t slash = text.rfind('/');
  const std::string_view digits = slash == std::string_view::npos ? "" : text.substr(slash + 1);
  auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), command->outbox_number);
  if (slash == 0 || slash > 128 || error != std::errc() || end != digits.data() + digits.size() ||
      command->outbox_number == 0) {
    reading.violations.push_back(
        {"crm-outbox", "INVALID_FORMAT", "It is a source, a slash and a number from 1."});
    return;
  }
  // A preview is never the numbered command itself.
  if (command->method->kind != MethodKind::kPreviewDelete)
    command->outbox_source = std::string(text.substr(0, slash));
}

}  // namespace crm::rpc
