#include <gmock/gmock.h>

#include "tests/conformance/tested.h"

namespace crm::test {
namespace {

using google::protobuf::FieldDescriptor;
using testing::ElementsAre;
using testing::Pair;

// The name alone, as a client gives it that knows nothing else.
Record NamedOnly(const Tested& tested, const std::string& record) {
  Record named = tested.type().New();
  SetText(named.get(), "name", tested.Name(record));
  return named;
}

bool IsChangeable(const FieldDescriptor* field) { return IsSettable(field) && !IsImmutable(field); }

// The one field of a record, as text.
std::string FieldText(const Record& record, const FieldDescriptor* field) {
  const Record only(record->New());
  only->CopyFrom(*record);
  for (int i = 0; i < record->GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* other = record->GetDescriptor()->field(i);
    if (other != field) only->GetReflection()->ClearField(only.get(), other);
  }
  return only->DebugString();
}

TEST(StandardUpdate, ChangesOneFieldAtATime) {
  ForEachType("update-mask", [](Tested& tested) {
    std::string current = tested.Create(*tested.Full(1)).body;
    const Record other = tested.Full(2);
    SetText(other.get(), "name", tested.Name(current));
    for (int i = 0; i < tested.type().message->field_count(); ++i) {
      const FieldDescriptor* field = tested.type().message->field(i);
      if (!IsChangeable(field)) continue;
      SCOPED_TRACE(field->name());
      const RecordAnswer updated = tested.Update(*other, {.mask = {field->name()}});
      ASSERT_TRUE(updated.ok()) << updated;
      const Record before = tested.type().Parse(current);
      const Record after = tested.type().Parse(updated.body);
      for (int j = 0; j < tested.type().message->field_count(); ++j) {
        const FieldDescriptor* each = tested.type().message->field(j);
        if (!IsSettable(each)) continue;
        ASSERT_EQ(FieldText(after, each), FieldText(each == field ? other : before, each));
      }
      current = updated.body;
    }
    EXPECT_EQ(tested.Get(tested.Name(current)).body, current);
  });
}

TEST(StandardUpdate, WithoutMaskChangesWhatIsSet) {
  ForEachType("update-set", [](Tested& tested) {
    const RecordAnswer created = tested.Create(*tested.Full(1));
    Record part = NamedOnly(tested, created.body);
    SetText(part.get(), tested.FreeText()->name(), "Only this");
    const RecordAnswer updated = tested.Update(*part);
    ASSERT_TRUE(updated.ok()) << updated;
    Record expected = tested.type().Parse(created.body);
    SetText(expected.get(), tested.FreeText()->name(), "Only this");
    SetText(expected.get(), "etag", "2");
    const Record after = tested.type().Parse(updated.body);
    const FieldDescriptor* time = tested.type().message->FindFieldByName("update_time");
    expected->GetReflection()->ClearField(expected.get(), time);
    after->GetReflection()->ClearField(after.get(), time);
    EXPECT_EQ(after->DebugString(), expected->DebugString());
    EXPECT_NE(updated.position(), created.position());
  });
}

TEST(StandardUpdate, EmptiesMaskedFields) {
  ForEachType("update-empty", [](Tested& tested) {
    const RecordAnswer created = tested.Create(*tested.Full(1));
    ASSERT_TRUE(created.ok()) << created;
    const RecordAnswer updated =
        tested.Update(*NamedOnly(tested, created.body), {.mask = {tested.FreeText()->name()}});
    ASSERT_TRUE(updated.ok()) << updated;
    EXPECT_EQ(tested.Text(updated.body, tested.FreeText()->number()), "");
    for (int i = 0; i < tested.type().message->field_count(); ++i) {
      const FieldDescriptor* field = tested.type().message->field(i);
      if (!IsRequired(field)) continue;
      const RecordAnswer refused =
          tested.Update(*NamedOnly(tested, created.body), {.mask = {field->name()}});
      EXPECT_EQ(refused.code, grpc::StatusCode::INVALID_ARGUMENT) << field->name();
      EXPECT_THAT(refused.faults,
                  ElementsAre(Pair(tested.PathIn(field->name()), "REQUIRED_FIELD")));
    }
    EXPECT_EQ(tested.Get(tested.Name(created.body)).body, updated.body);
  });
}

// What a new record would get: of the status the state's default. Nobody owns nothing.
TEST(StandardUpdate, KeepsAStatusAndAnOwner) {
  ForEachType("update-kept", [](Tested& tested) {
    const RecordAnswer created = tested.Create(*tested.Full(1));
    ASSERT_TRUE(created.ok()) << created;
    const Record named = NamedOnly(tested, created.body);
    const google::protobuf::Descriptor& message = *tested.type().message;
    if (const FieldDescriptor* status = message.FindFieldByName("status")) {
      const RecordAnswer updated = tested.Update(*named, {.mask = {"status"}});
      ASSERT_TRUE(updated.ok()) << updated;
      const Record minimal = tested.Minimal(2);
      minimal->GetReflection()->ClearField(minimal.get(), status);
      tested.MakeUnique(minimal.get());
      const RecordAnswer fresh = tested.Create(*minimal);
      ASSERT_TRUE(fresh.ok()) << fresh;
      EXPECT_EQ(FieldText(tested.type().Parse(updated.body), status),
                FieldText(tested.type().Parse(fresh.body), status));
    }
    const FieldDescriptor* owner = message.FindFieldByName("owner");
    if (owner == nullptr || !IsChangeable(owner)) return;
    EXPECT_THAT(tested.Update(*named, {.mask = {"owner"}}).faults,
                ElementsAre(Pair(tested.PathIn("owner"), "REQUIRED_FIELD")));
  });
}

TEST(StandardUpdate, RefusesImmutableFields) {
  ForEachType("update-fixed", [](Tested& tested) {
    const RecordAnswer created = tested.Create(*tested.Full(1));
    for (int i = 0; i < tested.type().message->field_count(); ++i) {
      const FieldDescriptor* field = tested.type().message->field(i);
      if (!IsImmutable(field) || !AnnotationOf(field).has_reference()) continue;
      // Another record of the same kind that exists too.
      Tested elsewhere(tested.schema(), tested.type(), TenantFor("update-fixed", tested.type()));
      Record changed = NamedOnly(tested, created.body);
      SetText(changed.get(), field->name(), elsewhere.NameFor(field));
      const RecordAnswer refused = tested.Update(*changed);
      EXPECT_EQ(refused.code, grpc::StatusCode::INVALID_ARGUMENT) << refused;
      EXPECT_THAT(refused.faults,
                  ElementsAre(Pair(tested.PathIn(field->name()), "IMMUTABLE_FIELD")));
    }
    EXPECT_EQ(tested.Get(tested.Name(created.body)).body, created.body);
  });
}

TEST(StandardUpdate, ChecksTheEtag) {
  ForEachType("update-etag", [](Tested& tested) {
    const RecordAnswer created = tested.Create(*tested.Minimal(1));
    Record changed = NamedOnly(tested, created.body);
    SetText(changed.get(), tested.FreeText()->name(), "First");
    SetText(changed.get(), "etag", "1");
    const RecordAnswer first = tested.Update(*changed);
    ASSERT_TRUE(first.ok()) << first;
    EXPECT_EQ(tested.Etag(first.body), "2");
    const auto before = tested.Hashes();
    SetText(changed.get(), tested.FreeText()->name(), "Second");
    const RecordAnswer stale = tested.Update(*changed);
    EXPECT_EQ(stale.code, grpc::StatusCode::ABORTED);
    EXPECT_EQ(stale.reason, "VERSION_CONFLICT") << stale;
    EXPECT_THAT(stale.facts, testing::Contains(Pair("current", "2")));
    EXPECT_EQ(tested.Hashes(), before);
  });
}

TEST(StandardUpdate, LeavesNoEventWhereNothingChanges) {
  ForEachType("update-same", [](Tested& tested) {
    const RecordAnswer created = tested.Create(*tested.Full(1));
    ASSERT_TRUE(created.ok()) << created;
    const auto before = tested.Hashes();
    const Record same = tested.type().Parse(created.body);
    for (const std::vector<std::string>& mask :
         {std::vector<std::string>{"*"}, {tested.FreeText()->name()}, {}}) {
      const RecordAnswer updated = tested.Update(*same, {.mask = mask});
      ASSERT_TRUE(updated.ok()) << updated;
      EXPECT_EQ(updated.body, created.body);
    }
    EXPECT_EQ(tested.Hashes(), before);
    EXPECT_EQ(tested.History(tested.Name(created.body)).size(), 1u);
  });
}

TEST(StandardUpdate, ValidatesOnly) {
  ForEachType("update-validate", [](Tested& tested) {
    const RecordAnswer created = tested.Create(*tested.Minimal(1));
    Record changed = NamedOnly(tested, created.body);
    SetText(changed.get(), tested.FreeText()->name(), "Would be");
    const auto before = tested.Hashes();
    const RecordAnswer checked = tested.Update(*changed, {.validate_only = true});
    ASSERT_TRUE(checked.ok()) << checked;
    EXPECT_EQ(tested.Text(checked.body, tested.FreeText()->number()), "Would be");
    EXPECT_EQ(tested.Etag(checked.body), "2");
    EXPECT_EQ(checked.Trailing("crm-events"),
              tested.type().EventType("updated") + " " + tested.Name(created.body));
    EXPECT_EQ(tested.Hashes(), before);
  });
}

TEST(StandardUpdate, CreatesWhatIsMissingIfAllowed) {
  ForEachType("update-missing", [](Tested& tested) {
    Record record = tested.Full(1);
    const std::string name = tested.type().collection + "/" + IdOf(1);
    SetText(record.get(), "name", name);
    EXPECT_EQ(tested.Update(*record).code, grpc::StatusCode::NOT_FOUND);
    const RecordAnswer created = tested.Update(*record, {.allow_missing = true});
    ASSERT_TRUE(created.ok()) << created;
    EXPECT_EQ(tested.Name(created.body), name);
    EXPECT_EQ(tested.Etag(created.body), "1");
    SetText(record.get(), tested.FreeText()->name(), "Now there");
    const RecordAnswer updated = tested.Update(*record, {.allow_missing = true});
    ASSERT_TRUE(updated.ok()) << updated;
    EXPECT_EQ(tested.Etag(updated.body), "2");
    ASSERT_TRUE(tested.Delete(name).ok());
    EXPECT_FALSE(tested.Update(*record, {.allow_missing = true}).ok()) << "used ids stay used";
  });
}

TEST(StandardUpdate, RefusesUnknownPathsAndNames) {
  ForEachType("update-paths", [](Tested& tested) {
    const RecordAnswer created = tested.Create(*tested.Full(1));
    const Record named = NamedOnly(tested, created.body);
    const RecordAnswer refused = tested.Update(*named, {.mask = {"no_such_field"}});
    EXPECT_EQ(refused.code, grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(refused.faults, ElementsAre(Pair("update_mask", "UNKNOWN_FIELD")));
    SetText(named.get(), "name", "");
    EXPECT_THAT(tested.Update(*named, {.mask = {"*"}}).faults,
                testing::Contains(Pair(tested.PathIn("name"), "REQUIRED_FIELD")));
    SetText(named.get(), "name",
            (tested.type().collection == "users" ? "leads/" : "users/") + IdOf(1));
    EXPECT_THAT(tested.Update(*named).faults,
                ElementsAre(Pair(tested.PathIn("name"), "BAD_REFERENCE")));
    EXPECT_EQ(tested.Get(tested.Name(created.body)).body, created.body);
  });
}

}  // namespace
}  // namespace crm::test
