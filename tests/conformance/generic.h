#pragma once

#include <string>

#include "crm/record/v1/records.pb.h"
#include "tests/conformance/tested.h"

// Requests to the service that knows no types.
namespace crm::test {

inline std::string Path(const std::string& method) { return "/crm.record.v1.Records/" + method; }

inline google::protobuf::Any Packed(const Tested& tested, const google::protobuf::Message& record) {
  google::protobuf::Any any;
  any.set_type_url("type.googleapis.com/" + tested.type().message->full_name());
  any.set_value(record.SerializeAsString());
  return any;
}

inline Answer<google::protobuf::Any> CreateGeneric(const Tested& tested,
                                                   const google::protobuf::Message& record,
                                                   const std::string& id = "") {
  record::v1::CreateRecordRequest request;
  *request.mutable_record() = Packed(tested, record);
  request.set_record_id(id);
  return tested.client().Call<google::protobuf::Any>(Path("CreateRecord"), request);
}

}  // namespace crm::test
