#include <gmock/gmock.h>

#include <set>

#include "crm/record/v1/access.pb.h"
#include "crm/record/v1/records.pb.h"
#include "tests/conformance/tested.h"

// The service that knows no types does what the types' own services do.
namespace crm::test {
namespace {

using google::protobuf::Any;
using testing::ElementsAre;
using testing::Pair;
using testing::UnorderedElementsAre;
namespace v1 = record::v1;

std::string Path(const std::string& method) { return "/crm.record.v1.Records/" + method; }

Any Packed(const Tested& tested, const google::protobuf::Message& record) {
  Any any;
  any.set_type_url("type.googleapis.com/" + tested.type().message->full_name());
  any.set_value(record.SerializeAsString());
  return any;
}

Answer<Any> CreateGeneric(const Tested& tested, const google::protobuf::Message& record,
                          const std::string& id = "") {
  v1::CreateRecordRequest request;
  *request.mutable_record() = Packed(tested, record);
  request.set_record_id(id);
  return tested.client().Call<Any>(Path("CreateRecord"), request);
}

TEST(GenericRecords, CreateGetAndUpdateLikeTheTypesOwn) {
  ForEachType("generic", [](Tested& tested) {
    const auto created = CreateGeneric(tested, *tested.Full(1), IdOf(1));
    ASSERT_TRUE(created.ok()) << created;
    EXPECT_EQ(created.body.type_url(), "type.googleapis.com/" + tested.type().message->full_name());
    const std::string name = tested.type().collection + "/" + IdOf(1);
    EXPECT_EQ(tested.Get(name).body, created.body.value());
    v1::GetRequest get;
    get.set_name(name);
    const auto read = tested.client().Call<Any>(Path("GetRecord"), get);
    EXPECT_EQ(read.body.SerializeAsString(), created.body.SerializeAsString());

    v1::UpdateRecordRequest update;
    Record changed = tested.type().New();
    SetText(changed.get(), "name", name);
    SetText(changed.get(), tested.FreeText()->name(), "Changed");
    *update.mutable_record() = Packed(tested, *changed);
    update.mutable_update_mask()->add_paths(tested.FreeText()->name());
    const auto updated = tested.client().Call<Any>(Path("UpdateRecord"), update);
    ASSERT_TRUE(updated.ok()) << updated;
    EXPECT_EQ(tested.Get(name).body, updated.body.value());
    EXPECT_EQ(tested.Text(updated.body.value(), tested.FreeText()->number()), "Changed");

    v1::HistoryRequest history;
    history.set_name(name);
    const auto own = tested.History(history);
    const auto generic =
        tested.client().Call<v1::HistoryResponse>(Path("ListRecordHistory"), history);
    EXPECT_EQ(generic.body.SerializeAsString(), own.body.SerializeAsString());
    EXPECT_EQ(generic.body.changes_size(), 2);
  });
}

TEST(GenericRecords, DeleteAndUndeleteLikeTheTypesOwn) {
  ForEachType("generic-delete", [](Tested& tested) {
    const std::string name = tested.Name(tested.Create(*tested.Full(1)).body);
    v1::PreviewDeleteRequest preview;
    preview.set_name(name);
    const auto previewed =
        tested.client().Call<v1::PreviewDeleteResponse>(Path("PreviewDeleteRecord"), preview);
    EXPECT_THAT(previewed.body.deleted(), ElementsAre(name)) << previewed;
    v1::DeleteRequest remove;
    remove.set_name(name);
    const auto deleted = tested.client().Call<v1::DeleteResponse>(Path("DeleteRecord"), remove);
    EXPECT_THAT(deleted.body.deleted(), ElementsAre(name)) << deleted;
    EXPECT_EQ(tested.Get(name).code, grpc::StatusCode::NOT_FOUND);
    v1::NameRequest undelete;
    undelete.set_name(name);
    const auto back = tested.client().Call<Any>(Path("UndeleteRecord"), undelete);
    ASSERT_TRUE(back.ok()) << back;
    EXPECT_EQ(tested.Get(name).body, back.body.value());
  });
}

TEST(GenericRecords, ListLikeTheTypesOwn) {
  ForEachType("generic-list", [](Tested& tested) {
    for (int i = 0; i < 7; ++i) ASSERT_TRUE(tested.Create(*tested.Full(i)).ok());
    const std::vector<std::string> all = tested.ListAll("", "create_time");
    v1::ListRecordsRequest request;
    request.set_collection(tested.type().collection);
    request.mutable_list()->set_order_by("create_time");
    request.mutable_list()->set_page_size(3);
    request.mutable_list()->set_with_total_size(true);
    std::vector<std::string> paged;
    std::string first_token;
    for (std::string token = "begin"; !token.empty();) {
      const auto page = tested.client().Call<v1::ListRecordsResponse>(Path("ListRecords"), request);
      ASSERT_TRUE(page.ok()) << page;
      EXPECT_EQ(page.body.total_size(), static_cast<int64_t>(all.size()));
      for (const Any& record : page.body.records()) paged.push_back(record.value());
      token = page.body.next_page_token();
      if (first_token.empty()) first_token = token;
      request.mutable_list()->set_page_token(token);
    }
    EXPECT_EQ(paged, all);
    // A token is of one collection.
    request.mutable_list()->set_page_token(first_token);
    for (const RecordType& other : tested.schema().types()) {
      if (other.collection == tested.type().collection) continue;
      request.set_collection(other.collection);
      const auto refused =
          tested.client().Call<v1::ListRecordsResponse>(Path("ListRecords"), request);
      EXPECT_EQ(refused.reason, "INVALID_PAGE_TOKEN") << other.collection;
    }
  });
}

TEST(GenericRecords, BatchesLikeTheTypesOwn) {
  ForEachType("generic-batch", [](Tested& tested) {
    v1::BatchCreateRecordsRequest create;
    for (int i = 0; i < 2; ++i)
      *create.add_requests()->mutable_record() = Packed(tested, *tested.Full(i));
    const auto created =
        tested.client().Call<v1::BatchRecordsResponse>(Path("BatchCreateRecords"), create);
    ASSERT_EQ(created.body.records_size(), 2) << created;
    v1::BatchGetRequest get;
    v1::BatchUpdateRecordsRequest update;
    for (const Any& record : created.body.records()) {
      get.add_names(tested.Name(record.value()));
      Record changed = tested.type().New();
      SetText(changed.get(), "name", get.names().rbegin()[0]);
      SetText(changed.get(), tested.FreeText()->name(), "Changed");
      *update.add_requests()->mutable_record() = Packed(tested, *changed);
    }
    const auto read = tested.client().Call<v1::BatchRecordsResponse>(Path("BatchGetRecords"), get);
    ASSERT_EQ(read.body.records_size(), 2) << read;
    for (int i = 0; i < 2; ++i)
      EXPECT_EQ(read.body.records(i).value(), created.body.records(i).value());
    const auto updated =
        tested.client().Call<v1::BatchRecordsResponse>(Path("BatchUpdateRecords"), update);
    ASSERT_EQ(updated.body.records_size(), 2) << updated;
    for (int i = 0; i < 2; ++i)
      EXPECT_EQ(tested.Get(get.names(i)).body, updated.body.records(i).value());
  });
}

TEST(GenericRecords, WatchLikeTheTypesOwn) {
  ForEachType("generic-watch", [](Tested& tested) {
    const std::string before = tested.Create(*tested.Full(1)).position();
    const std::string name = tested.Name(tested.Create(*tested.Full(2)).body);
    const auto deleted = tested.Delete(name);
    ASSERT_TRUE(deleted.ok()) << deleted;
    v1::WatchRecordsRequest request;
    request.set_collection(tested.type().collection);
    request.mutable_watch()->set_until_now(true);
    for (const bool all : {true, false}) {
      request.mutable_watch()->set_initial_state(all);
      request.mutable_watch()->set_position(all ? "" : before);
      const auto own = tested.Watch(request.watch());
      const auto generic = tested.client().Open(Path("WatchRecords"), request);
      const auto* watch = tested.type().service->FindMethodByName("Watch" + tested.type().many);
      const Record change = tested.schema().New(watch->output_type());
      v1::RecordChange any;
      int changes = 0;
      for (; own->Next(change.get()); ++changes) {
        ASSERT_TRUE(generic->Next(&any));
        const Fields expected(change->SerializeAsString());
        EXPECT_EQ(Fields(any.SerializeAsString()).Text(1), expected.Text(1));
        EXPECT_EQ(any.record().value(), expected.Text(2));
        EXPECT_EQ(any.has_record(), !expected.All(2).empty());
      }
      EXPECT_GE(changes, all ? 1 : 2);
      EXPECT_FALSE(generic->Next(&any));
      const Outcome end = generic->Finish();
      EXPECT_TRUE(end.ok()) << end;
      EXPECT_EQ(end.Trailing("crm-position"), own->Finish().Trailing("crm-position"));
    }
  });
}

TEST(GenericRecords, WatchRefusesWhatItCanNotDo) {
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

// All types that one service hosts, in one batch.
TEST(GenericRecords, BatchesOfSeveralTypesAreOneCommit) {
  v1::BatchCreateRecordsRequest create;
  std::vector<Tested> all;
  for (const RecordType& type : Schema::Shared().types()) {
    if (type.Service() == "sales") all.emplace_back(Schema::Shared(), type, "generic-mixed");
  }
  for (Tested& tested : all)
    *create.add_requests()->mutable_record() = Packed(tested, *tested.Full(1));
  const auto created =
      all[0].client().Call<v1::BatchRecordsResponse>(Path("BatchCreateRecords"), create);
  ASSERT_EQ(created.body.records_size(), static_cast<int>(all.size())) << created;
  std::set<std::string> commands;
  v1::BatchGetRequest get;
  for (size_t i = 0; i < all.size(); ++i) {
    const Any& record = created.body.records(static_cast<int>(i));
    get.add_names(all[i].Name(record.value()));
    for (const auto& change : all[i].History(get.names(static_cast<int>(i))))
      commands.insert(change.command());
  }
  EXPECT_EQ(commands.size(), 1u);
  const auto read = all[0].client().Call<v1::BatchRecordsResponse>(Path("BatchGetRecords"), get);
  EXPECT_EQ(read.body.records_size(), static_cast<int>(all.size())) << read;
}

TEST(GenericRecords, RefuseUnknownTypes) {
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
TEST(GenericRecords, TellAllFaultsAlsoOfUnknownTypes) {
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
TEST(GenericRecords, TellAllFaultsOfLists) {
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

// Positions count for the lists of all types as they do for those of one.
TEST(GenericRecords, ListsIncludeAPosition) {
  Tested users(Schema::Shared(), *Schema::Shared().Find("users"), "generic-position");
  const std::string of_identity = users.Create(*users.Minimal(1)).position();
  ASSERT_NE(of_identity, "");
  v1::ListRecordsRequest list;
  list.set_collection("users");
  list.mutable_list()->set_min_position(of_identity);
  const auto listed = users.client().Call<v1::ListRecordsResponse>(Path("ListRecords"), list);
  EXPECT_EQ(listed.body.records_size(), 1) << listed;
  Tested leads(Schema::Shared(), *Schema::Shared().Find("leads"), "generic-position");
  list.mutable_list()->set_min_position(leads.Create(*leads.Minimal(1)).position());
  EXPECT_THAT(users.client().Call<v1::ListRecordsResponse>(Path("ListRecords"), list).faults,
              ElementsAre(Pair("list.min_position", "POSITION_OF_ANOTHER_LOG")));
}

}  // namespace
}  // namespace crm::test
