#include "libs/rpc/server/reflection.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.pb.h>

#include <set>
#include <thread>

#include "grpc/reflection/v1/reflection.pb.h"
#include "libs/record/built_in.h"
#include "libs/rpc/server/serving_test.h"

namespace crm::rpc {
namespace {

using Request = grpc::reflection::v1::ServerReflectionRequest;
using Response = grpc::reflection::v1::ServerReflectionResponse;
using testing::Contains;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

class ReflectionTest : public testing::TestWithParam<const char*> {
 protected:
  static const record::Catalogue& Catalogue() {
    static const auto catalogue = record::BuiltInCatalogue();
    EXPECT_TRUE(catalogue) << (catalogue ? "" : catalogue.error().text);
    return *catalogue.value();
  }

  Response Ask(const Request& request) {
    EXPECT_TRUE(talk_.Send(request.SerializeAsString()));
    std::string message;
    EXPECT_TRUE(talk_.Receive(&message));
    Response response;
    EXPECT_TRUE(response.ParseFromString(message));
    return response;
  }
  static std::vector<google::protobuf::FileDescriptorProto> FilesIn(const Response& response) {
    std::vector<google::protobuf::FileDescriptorProto> files;
    for (const std::string& bytes : response.file_descriptor_response().file_descriptor_proto()) {
      EXPECT_TRUE(files.emplace_back().ParseFromString(bytes));
    }
    return files;
  }

  Reflection reflection_{Catalogue(), {"crm.sales.v1.Leads", "grpc.health.v1.Health"}};
  std::unique_ptr<Server> server_ = StartServer(reflection_.Endpoints());
  std::shared_ptr<grpc::Channel> channel_ = ChannelTo(*server_);
  Talk talk_{channel_, std::string("/grpc.reflection.") + GetParam() +
                           ".ServerReflection/ServerReflectionInfo"};
};

INSTANTIATE_TEST_SUITE_P(Versions, ReflectionTest, testing::Values("v1", "v1alpha"),
                         [](const auto& tested) { return std::string(tested.param); });

TEST_P(ReflectionTest, ListsServices) {
  Request request;
  request.set_host("here");
  request.set_list_services("*");
  const Response response = Ask(request);
  EXPECT_EQ(response.valid_host(), "here");
  std::vector<std::string> names;
  for (const auto& service : response.list_services_response().service())
    names.push_back(service.name());
  EXPECT_THAT(names, ElementsAre("crm.sales.v1.Leads", "grpc.health.v1.Health",
                                 "grpc.reflection.v1.ServerReflection",
                                 "grpc.reflection.v1alpha.ServerReflection"));
}

TEST_P(ReflectionTest, SendsAFileWithItsImportsOnce) {
  Request request;
  request.set_file_containing_symbol("crm.sales.v1.Leads.CreateLead");
  auto files = FilesIn(Ask(request));
  ASSERT_GT(files.size(), 1u);
  EXPECT_EQ(files[0].name(), "crm/sales/v1/lead.proto");
  EXPECT_GT(files[0].source_code_info().location_size(), 100) << "its comments";
  std::set<std::string> names;
  for (const auto& file : files) EXPECT_TRUE(names.insert(file.name()).second) << file.name();
  for (const auto& file : files) {
    for (const std::string& import : file.dependency()) EXPECT_THAT(names, Contains(import));
  }
  request.set_file_by_filename("crm/sales/v1/lead.proto");
  files = FilesIn(Ask(request));
  ASSERT_EQ(files.size(), 1u);
  EXPECT_EQ(files[0].name(), "crm/sales/v1/lead.proto");
}

TEST_P(ReflectionTest, DescribesTheProtocolsAndErrors) {
  for (const char* symbol :
       {"google.rpc.ErrorInfo", "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection"}) {
    Request request;
    request.set_file_containing_symbol(symbol);
    EXPECT_GE(FilesIn(Ask(request)).size(), 1u) << symbol;
  }
}

TEST_P(ReflectionTest, FindsExtensions) {
  Request request;
  request.set_all_extension_numbers_of_type("google.protobuf.MessageOptions");
  const auto numbers = Ask(request).all_extension_numbers_response();
  EXPECT_EQ(numbers.base_type_name(), "google.protobuf.MessageOptions");
  EXPECT_THAT(numbers.extension_number(), Contains(51001));
  request.mutable_file_containing_extension()->set_containing_type(
      "google.protobuf.MessageOptions");
  request.mutable_file_containing_extension()->set_extension_number(51001);
  const auto files = FilesIn(Ask(request));
  ASSERT_FALSE(files.empty());
  EXPECT_EQ(files[0].name(), "crm/record/v1/options.proto");
}

TEST_P(ReflectionTest, SaysWhatItDoesNotKnow) {
  Request request;
  request.set_file_by_filename("no/such.proto");
  EXPECT_EQ(Ask(request).error_response().error_code(), record::kNotFound);
  request.set_file_containing_symbol("no.Such");
  EXPECT_EQ(Ask(request).error_response().error_code(), record::kNotFound);
  request.set_all_extension_numbers_of_type("no.Such");
  EXPECT_EQ(Ask(request).error_response().error_code(), record::kNotFound);
  request.mutable_file_containing_extension()->set_containing_type("no.Such");
  EXPECT_EQ(Ask(request).error_response().error_code(), record::kNotFound);
  EXPECT_EQ(Ask({}).error_response().error_code(), record::kInvalidArgument);
}

TEST_P(ReflectionTest, EndsWithTheClient) {
  talk_.SendNoMore();
  EXPECT_TRUE(talk_.Finish().status.ok());
}

TEST_P(ReflectionTest, RefusesMalformedRequests) {
  ASSERT_TRUE(talk_.Send("\x0a\xff"));
  EXPECT_EQ(talk_.Finish().status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_P(ReflectionTest, EndsWhenTheServerDrains) {
  Request request;
  request.set_list_services("*");
  Ask(request);
  std::thread draining([&] { server_->Drain(std::chrono::seconds(20)); });
  EXPECT_EQ(talk_.Finish().status.error_code(), grpc::StatusCode::UNAVAILABLE);
  draining.join();
}

TEST(Services, AreThoseOfTheEndpoints) {
  const std::vector<Endpoint> endpoints = {{"/a.B/C", {}}, {"/a.B/D", {}}, {"/x.Y/Z", {}}};
  EXPECT_THAT(ServicesOf(endpoints), UnorderedElementsAre("a.B", "x.Y"));
  EXPECT_EQ(ServiceOf("/a.B/C"), "a.B");
  EXPECT_EQ(MethodOf("/a.B/C"), "C");
  EXPECT_EQ(ServiceOf("nonsense"), "");
}

}  // namespace
}  // namespace crm::rpc
