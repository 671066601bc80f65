#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/descriptor_database.h>
#include <google/protobuf/dynamic_message.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "crm/record/v1/options.pb.h"
#include "google/api/field_behavior.pb.h"

// What a server has: its methods and record types, as it describes them itself.
namespace crm::ctl {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

// A record type and the service that serves it.
struct RecordType {
  std::string collection;
  const Descriptor* message = nullptr;
  const google::protobuf::ServiceDescriptor* service = nullptr;
  crm::record::v1::Record options;

  // The standard method that begins with `verb`, such as Create or BatchGet; throws Failure if the
  // type has none.
  const MethodDescriptor& Method(std::string_view verb) const;
  // The field that is shown for a record, or null.
  const FieldDescriptor* Title() const;
};

class Schema {
 public:
  // `files` in any order, each with everything that it imports; `services` are full names.
  Schema(const std::map<std::string, google::protobuf::FileDescriptorProto>& files,
         const std::vector<std::string>& services);

  const std::map<std::string, RecordType>& types() const { return types_; }
  // Both throw UsageError, with what there is, where there is no such thing.
  const RecordType& TypeOf(std::string_view collection) const;
  const RecordType& TypeOfName(std::string_view name) const;
  // `crm.sales.v1.Leads/GetLead`, with or without a leading slash, or any ending of it that is
  // unique at a dot or slash: `Leads/GetLead`, `GetLead`.
  const MethodDescriptor& FindMethod(std::string_view text) const;

  std::unique_ptr<Message> New(const Descriptor* type) const;

 private:
  void AddService(const google::protobuf::ServiceDescriptor* service);

  google::protobuf::SimpleDescriptorDatabase database_;
  google::protobuf::DescriptorPool pool_;
  mutable google::protobuf::DynamicMessageFactory factory_;
  std::vector<const google::protobuf::ServiceDescriptor*> services_;
  std::map<std::string, RecordType> types_;
};

// `/crm.sales.v1.Leads/GetLead`
std::string PathOf(const MethodDescriptor& method);

// The field of `message` that holds records of a type, single or repeated, or null.
const FieldDescriptor* RecordField(const Descriptor* message, const Descriptor* record);

bool Behaves(const FieldDescriptor* field, google::api::FieldBehavior behavior);
// The server sets it, and a request does not change it.
bool IsReadOnly(const FieldDescriptor* field);

// A message that was received by one set of descriptors, as the class of another.
template <class T>
T As(const Message& message) {
  T result;
  result.ParsePartialFromString(message.SerializePartialAsString());
  return result;
}

}  // namespace crm::ctl
