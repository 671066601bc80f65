#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "libs/access/subject.h"
#include "libs/record/catalogue.h"
#include "libs/rpc/dispatcher.h"
#include "libs/rpc/host.h"
#include "libs/shard/shard.h"

namespace crm::rpc {

// What a call is about, once its form is known to be right.
struct Route {
  const record::Method* method = nullptr;
  const record::RecordType* type = nullptr;
  bool generic = false;  // of crm.record.v1.Records: records travel as Any
  shard::Principal principal;
  Place place;
  // Whose rights count; null: it may do everything.
  std::shared_ptr<const access::Organization> organization;
  const access::Subject* subject = nullptr;  // of it
  int64_t identity_age_us = 0;               // for how long these may be out of date
  std::string request;                       // canonical

  shard::Shard* shard() const { return place.shard; }
};

// The service that hosts the record type; of the child record types that services share, the one
// that the metadata `crm-service` names, or the first that runs here.
Place PlaceFor(Host& host, const record::RecordType& type, const Call& call,
               const std::string& tenant);

// What is answered to a call that is another process's to serve.
Answer AnswerElsewhere(const Place& place);

// The service that is meant where a call names none: one with records that work is done on.
std::string FirstService(const Host& host);

// The position that an answer carries.
std::string PositionText(const shard::Shard& shard, int64_t offset);

// Unless the field was found at fault before: it is told once.
void AddOnce(record::Violation violation, std::vector<record::Violation>* violations);

// Of what is no record type, or none that clients are served.
record::Violation UnknownType(const std::string& field, std::string_view collection);

// `leads/0192…` as a type and an id; a violation of `field` otherwise.
struct Target {
  const record::RecordType* type = nullptr;
  record::Uuid id;
};
std::optional<Target> ParseTarget(const record::Catalogue& catalogue,
                                  const record::RecordType* expected, std::string_view name,
                                  const std::string& field,
                                  std::vector<record::Violation>* violations);

// `type.googleapis.com/crm.sales.v1.Lead` and the record.
std::string AnyBytes(const record::RecordType& type, std::string_view image);

// Fields of a request, or of one nested in it, that the message does not have.
void CheckKnownFields(const record::MessageType& type, const record::Spans& spans,
                      const std::string& prefix, std::vector<record::Violation>* violations);

}  // namespace crm::rpc
