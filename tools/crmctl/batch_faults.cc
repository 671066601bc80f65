#include "tools/crmctl/batch_faults.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "google/rpc/code.pb.h"
#include "google/rpc/error_details.pb.h"

namespace crm::ctl {
namespace {

constexpr std::string_view kTakenId = "ID";

struct ItemPath {
  size_t item = 0;
  std::string field;
};

// `requests[3].lead.email` -> 3 and `email`; `requests[3].lead_id` -> 3 and `lead_id`.
std::optional<ItemPath> ParsePath(std::string_view path, size_t items) {
  static constexpr std::string_view kStart = "requests[";
  if (path.substr(0, kStart.size()) != kStart) return std::nullopt;
  path.remove_prefix(kStart.size());
  ItemPath parsed;
  auto [end, error] = std::from_chars(path.data(), path.data() + path.size(), parsed.item);
  if (error != std::errc() || parsed.item >= items) return std::nullopt;
  path.remove_prefix(static_cast<size_t>(end - path.data()));
  if (path.substr(0, 1) != "]") return std::nullopt;
  path.remove_prefix(1);
  if (path.substr(0, 1) == ".") path.remove_prefix(1);
  size_t dot = path.find('.');
  if (dot != std::string_view::npos) path.remove_prefix(dot + 1);
  parsed.field = std::string(path);
  return parsed;
}

std::optional<ItemPath> ItemOf(const google::rpc::ErrorInfo& info,
                               const std::vector<std::string>& names) {
  auto field = info.metadata().find("field");
  if (field != info.metadata().end()) {
    if (auto path = ParsePath(field->second, names.size())) return path;
  }
  auto name = info.metadata().find("name");
  if (name == info.metadata().end()) return std::nullopt;
  auto found = std::find(names.begin(), names.end(), name->second);
  if (found == names.end()) return std::nullopt;
  return ItemPath{static_cast<size_t>(found - names.begin()), ""};
}

}  // namespace

BatchFaults FaultsOf(const Status& status, const std::vector<std::string>& names) {
  BatchFaults faults;
  google::rpc::BadRequest request;
  FindDetail(status, &request);
  for (const auto& violation : request.field_violations()) {
    auto path = ParsePath(violation.field(), names.size());
    if (!path) continue;
    if (violation.reason() == kTakenId) {
      faults.there.insert(path->item);
      continue;
    }
    faults.wrong[path->item].push_back({path->field, violation.reason(), violation.description()});
  }
  google::rpc::ErrorInfo info;
  bool found = !faults.wrong.empty() || !faults.there.empty();
  if (found || !FindDetail(status, &info)) return faults;
  auto item = ItemOf(info, names);
  if (!item) return faults;
  if (info.reason() == kTakenId) {
    faults.there.insert(item->item);
  } else {
    faults.wrong[item->item].push_back({item->field, info.reason(), status.message()});
  }
  return faults;
}

bool MayBeSplit(const Status& status) {
  switch (status.code()) {
    case google::rpc::INVALID_ARGUMENT:
      return false;  // What is wrong with a row is said with its path.
    case google::rpc::RESOURCE_EXHAUSTED: {
      google::rpc::RetryInfo retry;
      return !FindDetail(status, &retry);
    }
    case google::rpc::FAILED_PRECONDITION:
    case google::rpc::ABORTED:
    case google::rpc::ALREADY_EXISTS:
    case google::rpc::NOT_FOUND:
    case google::rpc::OUT_OF_RANGE:
      return true;
    default:
      return false;
  }
}

}  // namespace crm::ctl
