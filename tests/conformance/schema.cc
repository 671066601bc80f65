#include "tests/conformance/schema.h"

#include <gtest/gtest.h>

#include <set>

#include "grpc/reflection/v1/reflection.pb.h"

namespace crm::test {
namespace {

using grpc::reflection::v1::ServerReflectionRequest;
using grpc::reflection::v1::ServerReflectionResponse;

constexpr char kPath[] = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";

ServerReflectionResponse Ask(const Client& client, const ServerReflectionRequest& request) {
  ServerReflectionResponse response;
  auto stream = client.Open(kPath, request);
  if (!stream->Next(&response)) ADD_FAILURE() << "no answer by reflection: " << stream->Finish();
  return response;
}

std::string LowerCase(const std::string& name) {
  std::string lower;
  for (char letter : name) {
    const bool upper = letter >= 'A' && letter <= 'Z';
    if (upper && !lower.empty()) lower.push_back('_');
    lower.push_back(upper ? static_cast<char>(letter + 32) : letter);
  }
  return lower;
}

}  // namespace

Record RecordType::Parse(const std::string& bytes) const {
  Record record = New();
  EXPECT_TRUE(record->ParseFromString(bytes)) << "no " << one;
  return record;
}

std::string RecordType::PathOf(const std::string& verb) const {
  return "/" + service->full_name() + "/" + verb + one;
}

std::string RecordType::PathOfMany(const std::string& verb) const {
  return "/" + service->full_name() + "/" + verb + many;
}

std::string RecordType::EventType(const std::string& what) const {
  return message->file()->package() + "." + singular + "." + what;
}

bool RecordType::Carries(const RecordType& child) const {
  for (const auto& carries : options.carries()) {
    for (const std::string& type : carries.types()) {
      if (type == child.collection) return true;
    }
  }
  return false;
}

Schema::Schema(const Server& server) { Load(Client(server, Metadata{})); }

const Schema& Schema::Shared() {
  static const Schema schema(Server::Shared());
  return schema;
}

void Schema::Load(const Client& client) {
  ServerReflectionRequest request;
  request.set_list_services("*");
  const ServerReflectionResponse services = Ask(client, request);
  std::set<std::string> known;
  std::vector<std::string> names;
  for (const auto& service : services.list_services_response().service()) {
    names.push_back(service.name());
    request.set_file_containing_symbol(service.name());
    const ServerReflectionResponse response = Ask(client, request);
    for (const std::string& bytes : response.file_descriptor_response().file_descriptor_proto()) {
      google::protobuf::FileDescriptorProto file;
      EXPECT_TRUE(file.ParseFromString(bytes));
      if (known.insert(file.name()).second) database_.Add(file);
    }
  }
  for (const std::string& name : names) {
    const auto* service = pool_.FindServiceByName(name);
    if (service == nullptr) {
      ADD_FAILURE() << "reflection does not describe " << name;
      continue;
    }
    if (name.starts_with("crm.")) services_.push_back(service);
    if (service->options().HasExtension(record::v1::serves)) {
      AddType(service);
    }
  }
  EXPECT_GE(types_.size(), 3u);
}

void Schema::AddType(const google::protobuf::ServiceDescriptor* service) {
  RecordType type;
  type.service = service;
  type.one = service->options().GetExtension(record::v1::serves);
  type.message = pool_.FindMessageTypeByName(service->file()->package() + "." + type.one);
  ASSERT_NE(type.message, nullptr) << type.one;
  type.options = type.message->options().GetExtension(record::v1::record);
  type.collection = type.options.collection();
  type.singular = LowerCase(type.one);
  type.factory = &factory_;
  const std::string kBatchGet = "BatchGet";
  for (int i = 0; i < service->method_count(); ++i) {
    const std::string& name = service->method(i)->name();
    if (name.starts_with(kBatchGet)) type.many = name.substr(kBatchGet.size());
  }
  types_.push_back(std::move(type));
}

const RecordType* Schema::Find(const std::string& collection) const {
  for (const RecordType& type : types_) {
    if (type.collection == collection) return &type;
  }
  return nullptr;
}

Fields::Fields(const std::string& bytes) { EXPECT_TRUE(set_.ParseFromString(bytes)); }

std::vector<std::string> Fields::All(int number) const {
  std::vector<std::string> all;
  for (int i = 0; i < set_.field_count(); ++i) {
    const auto& field = set_.field(i);
    if (field.number() == number &&
        field.type() == google::protobuf::UnknownField::TYPE_LENGTH_DELIMITED)
      all.push_back(field.length_delimited());
  }
  return all;
}

std::string Fields::Text(int number) const {
  const auto all = All(number);
  return all.empty() ? "" : all.back();
}

int64_t Fields::Integer(int number) const {
  int64_t value = 0;
  for (int i = 0; i < set_.field_count(); ++i) {
    const auto& field = set_.field(i);
    if (field.number() == number && field.type() == google::protobuf::UnknownField::TYPE_VARINT)
      value = static_cast<int64_t>(field.varint());
  }
  return value;
}

}  // namespace crm::test
