#include <gmock/gmock.h>

#include "crm/record/v1/access.pb.h"
#include "tests/conformance/generic.h"

// What the service that knows no types says of requests that are wrong.
namespace crm::test {
namespace {

using google::protobuf::Any;
using testing::ElementsAre;
using testing::Pair;
using testing::UnorderedElementsAre;
namespace v1 = record::v1;

TEST(GenericFaults, WatchRefusesWhatItCanNotDo) {
  const Client client(Server::Shared(), "generic-watch-refused");
  v1::WatchRecordsRequest request;
  request.set_collection("wishes");
  request.mutable_watch()->set_filter("a = 1");
  request.mutable_watch()->set_position("nonsense");
  const auto stream = client.Open(Path("WatchRecords"), request);
  v1::RecordChange none;
  EXPECT_FALSE(stream->Next(&none));
  EXPECT_THAT(stream->Finish().faults,
              UnorderedElementsAre(Pair("collection", "UNKNOWN_TYPE"),
                                   Pair("watch.filter", "INVALID_VALUE"),
                                   Pair("watch.position", "INVALID_POSITION")));
}

TEST(GenericFaults, RefuseUnknownTypes) {
  const RecordType& type = Schema::Shared().types()[0];
  Tested tested(Schema::Shared(), type, "generic-unknown");
  v1::CreateRecordRequest create;
  create.mutable_record()->set_type_url("type.googleapis.com/crm.sales.v1.Wish");
  const auto created = tested.client().Call<Any>(Path("CreateRecord"), create);
  EXPECT_EQ(created.code, grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(created.faults, ElementsAre(Pair("record.type_url", "UNKNOWN_TYPE")));
  EXPECT_THAT(tested.client().Call<Any>(Path("CreateRecord"), v1::CreateRecordRequest()).faults,
              ElementsAre(Pair("record", "REQUIRED_FIELD")));
  const Record bad = tested.Full(1);
  bad->GetReflection()->MutableUnknownFields(bad.get())->AddVarint(54321, 1);
  EXPECT_THAT(CreateGeneric(tested, *bad).faults,
              ElementsAre(Pair("record.54321", "UNKNOWN_FIELD")));
}

// What else is wrong with a request is told together with its type.
TEST(GenericFaults, TellAllFaultsAlsoOfUnknownTypes) {
  const Client client(Server::Shared(), "generic-faults");
  const std::string wish = "wishes/" + IdOf(1);
  v1::CreateRecordRequest create;
  create.mutable_record()->set_type_url("type.googleapis.com/crm.sales.v1.Wish");
  create.set_record_id("x");
  create.set_request_id(std::string(200, 'x'));
  EXPECT_THAT(client.Call<Any>(Path("CreateRecord"), create).faults,
              UnorderedElementsAre(Pair("record.type_url", "UNKNOWN_TYPE"),
                                   Pair("record_id", "INVALID_FORMAT"),
                                   Pair("request_id", "INVALID_FORMAT")));
  v1::GetRequest get;
  get.set_name(wish);
  get.set_min_position("nonsense");
  get.mutable_read_time()->set_seconds(-5);
  EXPECT_THAT(
      client.Call<Any>(Path("GetRecord"), get).faults,
      UnorderedElementsAre(Pair("name", "UNKNOWN_TYPE"), Pair("min_position", "INVALID_POSITION"),
                           Pair("read_time", "OUT_OF_RANGE")));
  v1::BatchGetRequest several;
  several.add_names("leads/" + IdOf(1));
  several.add_names(wish);
  several.add_names("nonsense");
  EXPECT_THAT(
      client.Call<v1::BatchRecordsResponse>(Path("BatchGetRecords"), several).faults,
      UnorderedElementsAre(Pair("names[1]", "UNKNOWN_TYPE"), Pair("names[2]", "BAD_REFERENCE")));
  v1::HistoryRequest history;
  history.set_name(wish);
  history.set_page_size(-1);
  EXPECT_THAT(
      client.Call<v1::HistoryResponse>(Path("ListRecordHistory"), history).faults,
      UnorderedElementsAre(Pair("name", "UNKNOWN_TYPE"), Pair("page_size", "OUT_OF_RANGE")));
  v1::DeleteRequest remove;
  remove.set_name(wish);
  remove.set_request_id(std::string(200, 'x'));
  EXPECT_THAT(
      client.Call<v1::DeleteResponse>(Path("DeleteRecord"), remove).faults,
      UnorderedElementsAre(Pair("name", "UNKNOWN_TYPE"), Pair("request_id", "INVALID_FORMAT")));
  v1::AssignRecordRequest assign;
  assign.set_name(wish);
  EXPECT_THAT(
      client.Call<v1::AssignRecordResponse>("/crm.record.v1.Access/AssignRecord", assign).faults,
      UnorderedElementsAre(Pair("name", "UNKNOWN_TYPE"), Pair("owner", "REQUIRED_FIELD")));
}

// By the paths in the request.
TEST(GenericFaults, TellAllFaultsOfLists) {
  const Client client(Server::Shared(), "generic-list-faults");
  v1::ListRecordsRequest list;
  list.set_collection("wishes");
  list.mutable_list()->set_page_size(-1);
  list.mutable_list()->set_view("mine");
  list.mutable_list()->set_min_position("nonsense");
  list.mutable_list()->mutable_read_time()->set_seconds(-5);
  const auto faults = [&] {
    return client.Call<v1::ListRecordsResponse>(Path("ListRecords"), list).faults;
  };
  EXPECT_THAT(faults(), UnorderedElementsAre(Pair("collection", "UNKNOWN_TYPE"),
                                             Pair("list.page_size", "OUT_OF_RANGE"),
                                             Pair("list.view", "INVALID_VALUE"),
                                             Pair("list.min_position", "INVALID_POSITION"),
                                             Pair("list.read_time", "OUT_OF_RANGE")));
  list.set_collection("leads");
  list.mutable_list()->set_filter("shoe_size = 42");
  list.mutable_list()->set_page_token("forged");
  EXPECT_THAT(faults(), UnorderedElementsAre(Pair("list.filter", "UNKNOWN_FIELD"),
                                             Pair("list.page_token", "INVALID_PAGE_TOKEN"),
                                             Pair("list.page_size", "OUT_OF_RANGE"),
                                             Pair("list.view", "INVALID_VALUE"),
                                             Pair("list.min_position", "INVALID_POSITION"),
                                             Pair("list.read_time", "OUT_OF_RANGE")));
}

}  // namespace
}  // namespace crm::test
