#include "libs/rpc/watched.h"

#include "libs/query/read.h"
#include "libs/record/name.h"
#include "libs/record/spans.h"
#include "libs/record/wire.h"
#include "libs/rpc/caller.h"
#include "libs/rpc/sight.h"

namespace crm::rpc {
namespace {

constexpr uint32_t kMessageChange = 1, kMessageRecord = 2;  // of every `LeadChange`
constexpr uint32_t kChangePosition = 1, kChangeName = 6;    // of crm.record.v1.Change

// The record as the event left it, or, if it deleted it, as it was before.
bool MayReadEvent(const Route& route, const record::Catalogue& catalogue, const store::View& view,
                  store::TenantNumber tenant, const store::Change& change,
                  const std::string& image) {
  if (route.subject == nullptr) return true;
  std::string shown = image;
  if (shown.empty()) {
    const auto before = view.History({tenant, change.type, change.id}, change.offset, 1);
    if (!before.empty()) shown = query::ImageOf(before.front());
  }
  return !shown.empty() &&
         MayReadImage(route, catalogue, view, tenant, *route.type, change.id, shown);
}

void AppendRecord(const Route& route, const std::string& image, std::string* message) {
  record::AppendBytesField(kMessageRecord, route.generic ? AnyBytes(*route.type, image) : image,
                           message);
}

}  // namespace

std::string WatchedChange(const Route& route, const record::Catalogue& catalogue,
                          const store::View& view, store::TenantNumber tenant,
                          const store::Change& change) {
  // The very event, which may be in the middle of a commit.
  const auto events = view.History({tenant, change.type, change.id}, change.offset + 1, 1);
  std::string message;
  if (events.empty()) return message;
  const log::Stored& event = events.front();
  std::string image = query::ImageOf(event);
  if (!MayReadEvent(route, catalogue, view, tenant, change, image)) return message;
  auto described = query::DescribeChange(view, tenant, *route.type, change.id, event);
  MaskChange(route.subject, *route.type, &described);
  described.set_position(PositionText(*route.shard(), change.offset));
  record::AppendBytesField(kMessageChange, described.SerializeAsString(), &message);
  if (!image.empty()) image = MaskWritten(route.subject, *route.type, std::move(image));
  if (!image.empty()) AppendRecord(route, image, &message);
  return message;
}

std::string WatchedRecord(const Route& route, const record::Catalogue& catalogue,
                          const store::View& view, store::TenantNumber tenant, std::string image,
                          int64_t position) {
  const std::string name(record::TextIn(image, record::kName));
  if (route.subject != nullptr) {
    const auto parsed = record::Name::Parse(name);
    if (!MayReadImage(route, catalogue, view, tenant, *route.type, parsed->id, image)) return "";
    image = MaskWritten(route.subject, *route.type, std::move(image));
  }
  std::string change;
  record::AppendBytesField(kChangePosition, PositionText(*route.shard(), position), &change);
  record::AppendBytesField(kChangeName, name, &change);
  std::string message;
  record::AppendBytesField(kMessageChange, change, &message);
  AppendRecord(route, image, &message);
  return message;
}

}  // namespace crm::rpc
