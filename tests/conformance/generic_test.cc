#include <gmock/gmock.h>

#include <set>

#include "tests/conformance/generic.h"

// The service that knows no types does what the types' own services do.
namespace crm::test {
namespace {

using google::protobuf::Any;
using testing::ElementsAre;
using testing::Pair;
namespace v1 = record::v1;

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
