#include <gmock/gmock.h>

#include "tests/conformance/tested.h"

namespace crm::test {
namespace {

using testing::ElementsAre;
using testing::Pair;

// What the server adds to a record, beside what its behaviour derives.
constexpr int kAdded[] = {1, 2, 3, 4, 5, 6};

TEST(StandardCreate, KeepsEveryField) {
  ForEachType("create-full", [](Tested& tested) {
    const Record full = tested.Full(7);
    const RecordAnswer created = tested.Create(*full);
    ASSERT_TRUE(created.ok()) << created;
    const Record record = tested.type().Parse(created.body);
    for (int i = 0; i < tested.type().message->field_count(); ++i) {
      const auto* field = tested.type().message->field(i);
      if (!IsSettable(field)) record->GetReflection()->ClearField(record.get(), field);
    }
    EXPECT_EQ(record->DebugString(), full->DebugString());
    EXPECT_EQ(tested.Get(tested.Name(created.body)).body, created.body);
  });
}

TEST(StandardCreate, AddsNameVersionTimesAndUsers) {
  ForEachType("create-added", [](Tested& tested) {
    const RecordAnswer created = tested.Create(*tested.Minimal(1));
    ASSERT_TRUE(created.ok()) << created;
    const std::string prefix = tested.type().collection + "/";
    EXPECT_EQ(tested.Name(created.body).substr(0, prefix.size()), prefix);
    EXPECT_EQ(tested.Name(created.body).size(), prefix.size() + 36);
    EXPECT_EQ(tested.Etag(created.body), "1");
    const Record record = tested.type().Parse(created.body);
    for (int number : kAdded) {
      const auto* field = tested.type().message->FindFieldByNumber(number);
      EXPECT_NE(tested.Text(created.body, number), "") << field->name();
    }
    EXPECT_EQ(tested.Text(created.body, 3), tested.Text(created.body, 4));
    EXPECT_EQ(tested.Text(created.body, 5), tested.Text(created.body, 6));
    EXPECT_NE(created.position(), "");
  });
}

TEST(StandardCreate, SetsDefaults) {
  ForEachType("create-defaults", [](Tested& tested) {
    const RecordAnswer created = tested.Create(*tested.Minimal(1));
    ASSERT_TRUE(created.ok()) << created;
    const Record record = tested.type().Parse(created.body);
    for (int i = 0; i < tested.type().message->field_count(); ++i) {
      const auto* field = tested.type().message->field(i);
      if (field->enum_type() == nullptr || field->is_repeated() || field->name() == "status")
        continue;
      const auto* value = DefaultOf(field->enum_type());
      EXPECT_EQ(record->GetReflection()->GetEnum(*record, field)->number(),
                value == nullptr ? 0 : value->number())
          << field->name();
    }
    if (tested.type().message->FindFieldByName("owner") != nullptr) {
      EXPECT_EQ(tested.Text(created.body, 7), tested.Text(created.body, 5));
    }
  });
}

TEST(StandardCreate, TakesTheClientsId) {
  ForEachType("create-id", [](Tested& tested) {
    const std::string id = IdOf(4711);
    const RecordAnswer created = tested.Create(*tested.Minimal(1), {.id = id});
    ASSERT_TRUE(created.ok()) << created;
    EXPECT_EQ(tested.Name(created.body), tested.type().collection + "/" + id);
    const auto before = tested.Hashes();
    const RecordAnswer again = tested.Create(*tested.Minimal(2), {.id = id});
    EXPECT_EQ(again.code, grpc::StatusCode::ALREADY_EXISTS);
    EXPECT_EQ(again.reason, "ID") << again;
    EXPECT_THAT(again.faults, ElementsAre(Pair(tested.type().singular + "_id", "ID")));
    for (const char* bad :
         {"x", "01920000-0000-7000-8000-00000000ABCD", "01920000000070008000000000000001"}) {
      const RecordAnswer refused = tested.Create(*tested.Minimal(2), {.id = bad});
      EXPECT_EQ(refused.code, grpc::StatusCode::INVALID_ARGUMENT) << bad;
      EXPECT_THAT(refused.faults,
                  ElementsAre(Pair(tested.type().singular + "_id", "INVALID_FORMAT")));
    }
    // Any UUID will do.
    EXPECT_TRUE(
        tested.Create(*tested.Minimal(2), {.id = "f47ac10b-58cc-4372-a567-0e02b2c3d479"}).ok());
    EXPECT_EQ(tested.Get(tested.Name(created.body)).body, created.body);
    EXPECT_NE(tested.Hashes(), before);
  });
}

TEST(StandardCreate, ValidatesOnly) {
  ForEachType("create-validate", [](Tested& tested) {
    const Record full = tested.Full(3);
    const auto before = tested.Hashes();
    const std::string id = IdOf(1);
    const RecordAnswer checked =
        tested.Create(*full, {.id = id, .request_id = "once", .validate_only = true});
    ASSERT_TRUE(checked.ok()) << checked;
    const std::string name = tested.type().collection + "/" + id;
    EXPECT_EQ(tested.Name(checked.body), name);
    EXPECT_EQ(checked.Trailing("crm-events"), tested.type().EventType("created") + " " + name);
    EXPECT_EQ(tested.Get(name).code, grpc::StatusCode::NOT_FOUND);
    EXPECT_EQ(tested.Hashes(), before);
    // The request id was not used up.
    const RecordAnswer created = tested.Create(*full, {.id = id, .request_id = "once"});
    ASSERT_TRUE(created.ok()) << created;
    EXPECT_EQ(created.Trailing("crm-events"), "");
    EXPECT_EQ(tested.Create(*full, {.id = id, .validate_only = true}).reason, "ID");
    // Now it is, and the answer is what the request itself would get.
    const Asked again{.id = id, .request_id = "once", .validate_only = true};
    EXPECT_EQ(tested.Create(*full, again).body, created.body);
    EXPECT_EQ(tested.Create(*tested.Full(4), again).reason, "REQUEST_ID_REUSED");
  });
}

TEST(StandardCreate, AnIdThatWasOnlyShownIsFree) {
  ForEachType("create-shown", [](Tested& tested) {
    ASSERT_TRUE(tested.Create(*tested.Full(1)).ok());
    const Record full = tested.Full(2);
    const RecordAnswer checked = tested.Create(*full, {.validate_only = true});
    ASSERT_TRUE(checked.ok()) << checked;
    const std::string name = tested.Name(checked.body);
    const std::string id = name.substr(tested.type().collection.size() + 1);
    const RecordAnswer created = tested.Create(*full, {.id = id});
    ASSERT_TRUE(created.ok()) << created;
    EXPECT_EQ(tested.Get(name).body, created.body);
  });
}

TEST(StandardCreate, IgnoresWhatOnlyTheServerSets) {
  ForEachType("create-output", [](Tested& tested) {
    const Record record = tested.Minimal(1);
    SetText(record.get(), "etag", "77");
    SetText(record.get(), "create_user", "users/" + IdOf(9));
    SetText(record.get(), "name", tested.type().collection + "/" + IdOf(9));
    const RecordAnswer created = tested.Create(*record);
    ASSERT_TRUE(created.ok()) << created;
    EXPECT_EQ(tested.Etag(created.body), "1");
    EXPECT_NE(tested.Text(created.body, 5), "users/" + IdOf(9));
    EXPECT_NE(tested.Name(created.body), tested.type().collection + "/" + IdOf(9));
  });
}

}  // namespace
}  // namespace crm::test
