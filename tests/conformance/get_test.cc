#include <gmock/gmock.h>

#include "tests/conformance/tested.h"

namespace crm::test {
namespace {

using record::v1::BatchGetRequest;
using record::v1::GetRequest;
using testing::ElementsAre;
using testing::Pair;

GetRequest RequestOf(const std::string& name) {
  GetRequest request;
  request.set_name(name);
  return request;
}

TEST(StandardGet, ReadsThePast) {
  ForEachType("get-past", [](Tested& tested) {
    const RecordAnswer first = tested.Create(*tested.Full(1));
    Record changed = tested.type().Parse(first.body);
    SetText(changed.get(), tested.FreeText()->name(), "Changed");
    const RecordAnswer second = tested.Update(*changed, {.mask = {tested.FreeText()->name()}});
    const std::string name = tested.Name(first.body);
    ASSERT_TRUE(first.ok() && second.ok() && tested.Delete(name).ok()) << first << second;
    GetRequest request = RequestOf(name);
    for (const std::string& version : {first.body, second.body}) {
      *request.mutable_read_time() = TimeIn(*tested.type().Parse(version), "update_time");
      EXPECT_EQ(tested.Get(request).body, version);
    }
    request.mutable_read_time()->set_seconds(request.read_time().seconds() - 3600);
    EXPECT_EQ(tested.Get(request).code, grpc::StatusCode::NOT_FOUND);
    request.mutable_read_time()->set_seconds(-5);
    EXPECT_THAT(tested.Get(request).faults, ElementsAre(Pair("read_time", "OUT_OF_RANGE")));
  });
}

TEST(StandardGet, SeesOwnWritesAtTheirPosition) {
  ForEachType("get-position", [](Tested& tested) {
    const RecordAnswer created = tested.Create(*tested.Minimal(1));
    ASSERT_TRUE(created.ok()) << created;
    GetRequest request = RequestOf(tested.Name(created.body));
    request.set_min_position(created.position());
    const RecordAnswer read = tested.Get(request);
    EXPECT_EQ(read.body, created.body) << read;
    EXPECT_NE(read.position(), "");
    request.set_min_position("nonsense");
    const RecordAnswer refused = tested.Get(request);
    EXPECT_EQ(refused.code, grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(refused.faults, ElementsAre(Pair("min_position", "INVALID_POSITION")));
    // The same by metadata.
    const Tested careful = tested.With(tested.client().With(
        {{"crm-min-position", created.position()}, {"crm-consistency", "confirmed"}}));
    EXPECT_EQ(careful.Get(tested.Name(created.body)).body, created.body);
  });
}

TEST(StandardGet, AnswersWithTheMaskedFields) {
  ForEachType("get-mask", [](Tested& tested) {
    const RecordAnswer created = tested.Create(*tested.Full(5));
    ASSERT_TRUE(created.ok()) << created;
    GetRequest request = RequestOf(tested.Name(created.body));
    request.mutable_read_mask()->add_paths("etag");
    request.mutable_read_mask()->add_paths(tested.FreeText()->name());
    const RecordAnswer masked = tested.Get(request);
    ASSERT_TRUE(masked.ok()) << masked;
    Record expected = tested.type().New();
    SetText(expected.get(), "etag", "1");
    SetText(expected.get(), tested.FreeText()->name(),
            tested.Text(created.body, tested.FreeText()->number()));
    EXPECT_EQ(tested.type().Parse(masked.body)->DebugString(), expected->DebugString());
    request.mutable_read_mask()->add_paths("no_such_field");
    const RecordAnswer refused = tested.Get(request);
    EXPECT_EQ(refused.code, grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(refused.faults, ElementsAre(Pair("read_mask", "UNKNOWN_FIELD")));
  });
}

TEST(StandardGet, RefusesNamesThatAreNone) {
  ForEachType("get-name", [](Tested& tested) {
    const std::string collection = tested.type().collection;
    EXPECT_EQ(tested.Get(collection + "/" + IdOf(1)).reason, "NOT_FOUND");
    EXPECT_THAT(tested.Get("").faults, ElementsAre(Pair("name", "REQUIRED_FIELD")));
    const std::string other = collection == "users" ? "leads/" : "users/";
    for (const std::string& bad : {"x" + collection + "/" + IdOf(1), other + IdOf(1),
                                   collection + "/1", collection + "/" + IdOf(1) + "/more"}) {
      const RecordAnswer refused = tested.Get(bad);
      EXPECT_EQ(refused.code, grpc::StatusCode::INVALID_ARGUMENT) << bad;
      EXPECT_THAT(refused.faults, ElementsAre(Pair("name", "BAD_REFERENCE"))) << bad;
    }
  });
}

TEST(StandardGet, KeepsTenantsApart) {
  ForEachType("get-tenant", [](Tested& tested) {
    const RecordAnswer created = tested.Create(*tested.Minimal(1));
    ASSERT_TRUE(created.ok()) << created;
    const Tested other =
        tested.With(Client(Server::Shared(), TenantFor("get-elsewhere", tested.type())));
    EXPECT_EQ(other.Get(tested.Name(created.body)).code, grpc::StatusCode::NOT_FOUND);
    EXPECT_TRUE(other.ListAll("", "").empty());
    EXPECT_EQ(other.Delete(tested.Name(created.body)).code, grpc::StatusCode::NOT_FOUND);
    EXPECT_EQ(tested.Get(tested.Name(created.body)).body, created.body);
  });
}

TEST(StandardGet, ReadsSeveral) {
  ForEachType("get-batch", [](Tested& tested) {
    std::vector<std::string> created;
    BatchGetRequest request;
    for (int i = 0; i < 3; ++i) {
      created.push_back(tested.Create(*tested.Full(i)).body);
      request.add_names(tested.Name(created.back()));
    }
    EXPECT_EQ(tested.BatchGet(request).records, created);
    std::swap(*request.mutable_names(0), *request.mutable_names(2));
    std::swap(created[0], created[2]);
    EXPECT_EQ(tested.BatchGet(request).records, created);
    BatchGetRequest past = request;
    *past.mutable_read_time() = TimeIn(*tested.type().Parse(created[0]), "create_time");
    ASSERT_TRUE(tested.Delete(request.names(0)).ok());
    EXPECT_EQ(tested.BatchGet(past).records, created);
    const RecordsAnswer missing = tested.BatchGet(request);
    EXPECT_EQ(missing.code, grpc::StatusCode::NOT_FOUND);
    EXPECT_TRUE(missing.records.empty());
    request.add_names("nonsense");
    EXPECT_THAT(tested.BatchGet(request).faults, ElementsAre(Pair("names[3]", "BAD_REFERENCE")));
    request.clear_names();
    for (int i = 0; i < 201; ++i) request.add_names(past.names(1));
    EXPECT_THAT(tested.BatchGet(request).faults, ElementsAre(Pair("names", "OUT_OF_RANGE")));
    request.mutable_names()->RemoveLast();
    EXPECT_EQ(tested.BatchGet(request).records.size(), 200u);
  });
}

}  // namespace
}  // namespace crm::test
