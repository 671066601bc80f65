#include <gmock/gmock.h>

#include "tests/conformance/tested.h"

namespace crm::test {
namespace {

using record::v1::DeleteRequest;
using record::v1::NameRequest;
using testing::ElementsAre;
using testing::Pair;
using testing::UnorderedElementsAreArray;

std::vector<std::string> Names(const google::protobuf::RepeatedPtrField<std::string>& names) {
  return {names.begin(), names.end()};
}

DeleteRequest RequestOf(const std::string& name) {
  DeleteRequest request;
  request.set_name(name);
  return request;
}

// The record without version and time, which differ after an undelete.
std::string Content(const Tested& tested, const std::string& bytes) {
  const Record record = tested.type().Parse(bytes);
  for (const char* name : {"etag", "update_time", "update_user"}) {
    record->GetReflection()->ClearField(record.get(), tested.type().message->FindFieldByName(name));
  }
  return record->DebugString();
}

TEST(StandardDelete, TakesARecordAwayAndBringsItBack) {
  ForEachType("delete", [](Tested& tested) {
    const RecordAnswer created = tested.Create(*tested.Full(1));
    const std::string name = tested.Name(created.body);
    const size_t others = tested.ListAll("", "").size() - 1;
    const auto deleted = tested.Delete(name);
    ASSERT_TRUE(deleted.ok()) << deleted;
    EXPECT_THAT(Names(deleted.body.deleted()), ElementsAre(name));
    EXPECT_EQ(deleted.body.position(), deleted.position());
    EXPECT_EQ(tested.Get(name).reason, "NOT_FOUND");
    EXPECT_EQ(tested.ListAll("", "").size(), others);
    EXPECT_EQ(tested.Delete(name).reason, "NOT_FOUND");
    EXPECT_EQ(tested.PreviewDelete(name).reason, "NOT_FOUND");
    EXPECT_EQ(tested.Update(*tested.type().Parse(created.body)).reason, "NOT_FOUND");
    // A used id stays used.
    const std::string id = name.substr(name.find('/') + 1);
    EXPECT_EQ(tested.Create(*tested.Minimal(1), {.id = id}).reason, "ID");

    const RecordAnswer back = tested.Undelete(name);
    ASSERT_TRUE(back.ok()) << back;
    EXPECT_EQ(Content(tested, back.body), Content(tested, created.body));
    EXPECT_EQ(tested.Etag(back.body), "3") << "etags go on";
    EXPECT_EQ(tested.Get(name).body, back.body);
    EXPECT_EQ(tested.ListAll("", "").size(), others + 1);
    EXPECT_EQ(tested.Undelete(name).reason, "NOT_DELETED");
    EXPECT_EQ(tested.Undelete(tested.type().collection + "/" + IdOf(5)).reason, "NOT_FOUND");
  });
}

TEST(StandardDelete, ChecksTheEtag) {
  ForEachType("delete-etag", [](Tested& tested) {
    const RecordAnswer created = tested.Create(*tested.Minimal(1));
    const auto before = tested.Hashes();
    DeleteRequest request = RequestOf(tested.Name(created.body));
    request.set_etag("2");
    const auto stale = tested.Delete(request);
    EXPECT_EQ(stale.code, grpc::StatusCode::ABORTED);
    EXPECT_EQ(stale.reason, "VERSION_CONFLICT") << stale;
    EXPECT_EQ(tested.Hashes(), before);
    request.set_etag("1");
    EXPECT_TRUE(tested.Delete(request).ok());
  });
}

// A deleted record's etag is the one that it had before.
TEST(StandardDelete, ChecksTheEtagOfWhatComesBack) {
  ForEachType("undelete-etag", [](Tested& tested) {
    const RecordAnswer created = tested.Create(*tested.Minimal(1));
    const std::string name = tested.Name(created.body);
    ASSERT_TRUE(tested.Delete(name).ok());
    const auto before = tested.Hashes();
    NameRequest request;
    request.set_name(name);
    for (const char* etag : {"99", "2", "x"}) {
      request.set_etag(etag);
      for (const bool validate_only : {true, false}) {
        request.set_validate_only(validate_only);
        const RecordAnswer stale = tested.Undelete(request);
        EXPECT_EQ(stale.code, grpc::StatusCode::ABORTED) << etag;
        EXPECT_EQ(stale.reason, "VERSION_CONFLICT") << stale;
        EXPECT_THAT(stale.facts, testing::Contains(Pair("current", "1")));
      }
    }
    EXPECT_EQ(tested.Hashes(), before);
    request.set_etag("1");
    const RecordAnswer back = tested.Undelete(request);
    ASSERT_TRUE(back.ok()) << back;
    // Deleted again it is another version.
    ASSERT_TRUE(tested.Delete(name).ok());
    EXPECT_EQ(tested.Undelete(request).reason, "VERSION_CONFLICT");
    request.set_etag(tested.Etag(back.body));
    EXPECT_TRUE(tested.Undelete(request).ok());
  });
}

TEST(StandardDelete, ValidatesOnly) {
  ForEachType("delete-validate", [](Tested& tested) {
    const RecordAnswer created = tested.Create(*tested.Minimal(1));
    const std::string name = tested.Name(created.body);
    auto before = tested.Hashes();
    DeleteRequest request = RequestOf(name);
    request.set_validate_only(true);
    const auto checked = tested.Delete(request);
    ASSERT_TRUE(checked.ok()) << checked;
    EXPECT_EQ(checked.Trailing("crm-events"), tested.type().EventType("deleted") + " " + name);
    EXPECT_EQ(tested.Hashes(), before);
    ASSERT_TRUE(tested.Delete(name).ok());
    before = tested.Hashes();
    NameRequest undelete;
    undelete.set_name(name);
    undelete.set_validate_only(true);
    const RecordAnswer would = tested.Undelete(undelete);
    ASSERT_TRUE(would.ok()) << would;
    EXPECT_EQ(would.Trailing("crm-events"), tested.type().EventType("undeleted") + " " + name);
    EXPECT_EQ(tested.Hashes(), before);
  });
}

// A parent with a child of each type that it carries.
struct Family {
  Family(Tested& parents, const std::string& tenant)
      : parent(parents.Create(*parents.Full(1)).body), names{parents.Name(parent)} {
    for (const RecordType& type : parents.schema().types()) {
      if (!parents.type().Carries(type)) continue;
      Tested children(parents.schema(), type, tenant);
      for (int i = 0; i < 2; ++i) {
        const Record child = children.Full(i);
        SetText(child.get(), "regarding", parents.Name(parent));
        const RecordAnswer created = children.Create(*child);
        EXPECT_TRUE(created.ok()) << created;
        names.push_back(children.Name(created.body));
        contents[names.back()] = Content(children, created.body);
      }
      counts[type.collection] = 2;
    }
  }
  std::string parent;
  std::vector<std::string> names;  // the parent's first
  std::map<std::string, std::string> contents;
  std::map<std::string, int> counts;
};

void ExpectBack(Tested& parents, const Family& family, const std::string& tenant) {
  for (const auto& [name, content] : family.contents) {
    const std::string collection = name.substr(0, name.find('/'));
    Tested children(parents.schema(), *parents.schema().Find(collection), tenant);
    EXPECT_EQ(Content(children, children.Get(name).body), content) << name;
  }
}

TEST(StandardDelete, TakesChildrenAlongOnlyByForce) {
  size_t parents_found = 0;
  ForEachType("delete-tree", [&](Tested& tested) {
    if (tested.type().options.carries().empty()) return;
    ++parents_found;
    const std::string tenant = TenantFor("delete-tree", tested.type());
    const Family family(tested, tenant);
    const std::string& name = family.names[0];
    const auto before = tested.Hashes();
    const auto preview = tested.PreviewDelete(name);
    EXPECT_THAT(Names(preview.body.deleted()), UnorderedElementsAreArray(family.names)) << preview;
    EXPECT_EQ(preview.body.deleted(preview.body.deleted_size() - 1), name);
    EXPECT_FALSE(preview.body.has_refusal()) << preview.body.refusal().message();
    EXPECT_EQ(
        (std::map<std::string, int>(preview.body.counts().begin(), preview.body.counts().end())),
        family.counts);
    const auto refused = tested.Delete(name);
    EXPECT_EQ(refused.code, grpc::StatusCode::FAILED_PRECONDITION);
    EXPECT_EQ(refused.reason, "HAS_CHILDREN") << refused;
    for (const auto& [collection, count] : family.counts) {
      EXPECT_THAT(refused.facts, testing::Contains(Pair(collection, std::to_string(count))));
    }
    EXPECT_EQ(tested.Hashes(), before);
    DeleteRequest forced = RequestOf(name);
    forced.set_force(true);
    const auto deleted = tested.Delete(forced);
    ASSERT_TRUE(deleted.ok()) << deleted;
    EXPECT_EQ(Names(deleted.body.deleted()), Names(preview.body.deleted()));
    const RecordAnswer back = tested.Undelete(name);
    ASSERT_TRUE(back.ok()) << back;
    EXPECT_EQ(Content(tested, back.body), Content(tested, family.parent));
    ExpectBack(tested, family, tenant);
  });
  EXPECT_GE(parents_found, 1u);
}

}  // namespace
}  // namespace crm::test
