#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/descriptor_database.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/unknown_field_set.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "crm/record/v1/options.pb.h"
#include "tests/server/client.h"

namespace crm::test {

using Record = std::unique_ptr<google::protobuf::Message>;

// A record type, as the server describes it.
struct RecordType {
  const google::protobuf::Descriptor* message = nullptr;
  const google::protobuf::ServiceDescriptor* service = nullptr;
  record::v1::Record options;
  std::string collection;  // `leads`
  std::string one;         // `Lead`, as in `CreateLead`
  std::string many;        // `Leads`, as in `BatchCreateLeads`
  std::string singular;    // `lead`, as in the path `lead.email`
  google::protobuf::MessageFactory* factory = nullptr;

  Record New() const { return Record(factory->GetPrototype(message)->New()); }
  Record Parse(const std::string& bytes) const;
  // `/crm.sales.v1.Leads/CreateLead` for `Create` and the like.
  std::string PathOf(const std::string& verb) const;
  std::string PathOfMany(const std::string& verb) const;
  // `crm.sales.v1.lead.created` for `created`.
  std::string EventType(const std::string& what) const;
  // Which service hosts it, of those that a server runs.
  std::string Service() const {
    return message->file()->package() == "crm.identity.v1" ? "identity" : "sales";
  }
  // Whether records of another type may be attached to records of this one.
  bool Carries(const RecordType& child) const;
};

// Everything that a running server says about its record types by grpc.reflection.
class Schema {
 public:
  explicit Schema(const Server& server);
  // That of the shared server.
  static const Schema& Shared();

  const std::vector<RecordType>& types() const { return types_; }
  // Of records and of everything else, without those of gRPC itself.
  const std::vector<const google::protobuf::ServiceDescriptor*>& services() const {
    return services_;
  }
  Record New(const google::protobuf::Descriptor* message) const {
    return Record(factory_.GetPrototype(message)->New());
  }
  const RecordType* Find(const std::string& collection) const;

 private:
  void Load(const Client& client);
  void AddType(const google::protobuf::ServiceDescriptor* service);

  google::protobuf::SimpleDescriptorDatabase database_;
  google::protobuf::DescriptorPool pool_{&database_};
  mutable google::protobuf::DynamicMessageFactory factory_{&pool_};
  std::vector<const google::protobuf::ServiceDescriptor*> services_;
  std::vector<RecordType> types_;
};

// The fields of a message by number, for answers whose messages differ from type to type.
class Fields {
 public:
  explicit Fields(const std::string& bytes);
  std::vector<std::string> All(int number) const;
  std::string Text(int number) const;
  int64_t Integer(int number) const;

 private:
  google::protobuf::UnknownFieldSet set_;
};

}  // namespace crm::test
