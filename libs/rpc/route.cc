#include "libs/rpc/route.h"

#include <algorithm>

#include "libs/query/position.h"
#include "libs/record/name.h"
#include "libs/record/wire.h"
#include "libs/rpc/caller.h"
#include "libs/rpc/peers.h"

namespace crm::rpc {
namespace {

constexpr std::string_view kAnyPrefix = "type.googleapis.com/";

}  // namespace

std::string FirstService(const Host& host) {
  for (const std::string& service : host.Services()) {
    if (service != "identity") return service;
  }
  return "identity";
}

Place PlaceFor(Host& host, const record::RecordType& type, const Call& call,
               const std::string& tenant) {
  const bool shared = type.services.size() > 1;
  const std::string_view wanted = shared ? Find(call.metadata, "crm-service") : "";
  Place elsewhere;
  for (const std::string& service : type.services) {
    if (!wanted.empty() && service != wanted) continue;
    const Place place = host.Find(service, tenant);
    if (place.shard != nullptr) return place;
    if (elsewhere.partition < 0) elsewhere = place;
  }
  return elsewhere;
}

Answer AnswerElsewhere(const Place& place) {
  constexpr int kRetryMs = 200;
  Answer answer;
  answer.status = record::Unavailable(
      kNotServing,
      "This process does not own the tenant's partition of " + std::string(place.service) + " now.",
      kRetryMs);
  answer.elsewhere = Elsewhere{std::string(place.service), place.partition};
  return answer;
}

std::string PositionText(const shard::Shard& shard, int64_t offset) {
  return query::Position{shard.service(), shard.partition(), shard.log_id(), offset}.Encode();
}

void AddOnce(record::Violation violation, std::vector<record::Violation>* violations) {
  const bool known =
      std::any_of(violations->begin(), violations->end(),
                  [&](const record::Violation& other) { return other.path == violation.path; });
  if (!known) violations->push_back(std::move(violation));
}

record::Violation UnknownType(const std::string& field, std::string_view collection) {
  return {field, "UNKNOWN_TYPE", "'" + std::string(collection) + "' is no collection of records."};
}

std::optional<Target> ParseTarget(const record::Catalogue& catalogue,
                                  const record::RecordType* expected, std::string_view name,
                                  const std::string& field,
                                  std::vector<record::Violation>* violations) {
  if (name.empty()) {
    AddOnce({field, "REQUIRED_FIELD", field + " must not be empty."}, violations);
    return std::nullopt;
  }
  auto parsed = record::Name::Parse(name);
  const record::RecordType* type = parsed ? catalogue.FindType(parsed->collection) : nullptr;
  // Some are not served to clients.
  if (type != nullptr && type->annotation.internal()) type = nullptr;
  if (parsed && type == nullptr && expected == nullptr) {
    AddOnce(UnknownType(field, parsed->collection), violations);
    return std::nullopt;
  }
  if (type == nullptr || (expected != nullptr && type != expected)) {
    const std::string wanted = expected == nullptr ? "a collection" : expected->collection;
    AddOnce({field, "BAD_REFERENCE",
             "A name here is " + wanted + ", a slash and a UUID in lower case."},
            violations);
    return std::nullopt;
  }
  return Target{type, parsed->id};
}

std::string AnyBytes(const record::RecordType& type, std::string_view image) {
  std::string bytes;
  record::AppendBytesField(1, std::string(kAnyPrefix) + type.message->full_name, &bytes);
  record::AppendBytesField(2, image, &bytes);
  return bytes;
}

void CheckKnownFields(const record::MessageType& type, const record::Spans& spans,
                      const std::string& prefix, std::vector<record::Violation>* violations) {
  for (const record::Span& span : spans.all()) {
    if (type.Find(span.number) != nullptr) continue;
    violations->push_back(
        {prefix + std::to_string(span.number), "UNKNOWN_FIELD",
         type.full_name + " has no field number " + std::to_string(span.number) + "."});
  }
}

}  // namespace crm::rpc
