#include <gmock/gmock.h>

#include <algorithm>
#include <functional>

#include "tests/access/attempt.h"

// The standard methods of every record type, called with every right at every
// depth on records that belong to oneself, to a colleague of the unit, of a unit below, and of
// another unit. What is expected is in tables here and in depths.cc, which the rules' text is the
// source of.
namespace crm::test {
namespace {

using record::v1::Right;
using testing::ElementsAreArray;

bool HasOwner(const RecordType& type) {
  return type.options.ownership() == record::v1::Record::USER;
}

std::string NameOf(Right right) {
  static const char* const kNames[] = {"",       "Create",   "Read",   "Write", "Delete",
                                       "Append", "AppendTo", "Assign", "Share"};
  return kNames[static_cast<int>(right)];
}

// Expects that the call succeeded, as far as rights go, or was refused as the rules say: as if
// there were no such record where it may not be read, and else with the right that is missing.
void ExpectDecided(const Attempt& attempt, Right right, const Outcome& outcome) {
  if (attempt.Covers(record::v1::READ) && attempt.Covers(right)) {
    EXPECT_FALSE(IsForRights(outcome)) << outcome;
    return;
  }
  EXPECT_TRUE(IsForRights(outcome)) << outcome;
  if (outcome.code == 5) {
    EXPECT_FALSE(attempt.Covers(record::v1::READ)) << outcome;
    return;
  }
  // Of a right on no record of the type, nothing is said about this one.
  const auto on = outcome.facts.find("on");
  ASSERT_NE(on, outcome.facts.end()) << outcome;
  EXPECT_TRUE(attempt.Covers(record::v1::READ) || on->second == attempt.type.collection) << outcome;
  if (attempt.Covers(record::v1::READ)) {
    EXPECT_EQ(outcome.facts.at("right"), NameOf(right)) << outcome;
  }
}

std::vector<std::string> PermissionsOf(const std::string& record) { return Fields(record).All(13); }

std::vector<std::string> ExpectedPermissions(const Attempt& attempt) {
  std::vector<std::string> names;
  for (int right = 1; right <= 8; ++right) {
    const bool known =
        right != record::v1::CREATE && (HasOwner(attempt.type) || right < record::v1::ASSIGN);
    if (known && attempt.Covers(static_cast<Right>(right)))
      names.push_back(record::v1::Right_Name(right));
  }
  return names;
}

bool Everybody(const Caller&) { return true; }
bool Contains(const RecordsAnswer& answer, const Attempt& attempt, std::string* found) {
  for (const std::string& record : answer.records) {
    if (attempt.tested.Name(record) != attempt.name) continue;
    *found = record;
    return true;
  }
  return false;
}

TEST(Depth, ReadingAndWhatMayBeDone) {
  int readable = 0;
  ForEachAttempt(Everybody, [&](const Attempt& attempt) {
    const bool read = attempt.Covers(record::v1::READ);
    record::v1::GetRequest get;
    get.set_name(attempt.name);
    EXPECT_THAT(PermissionsOf(attempt.tested.Get(get).body), ElementsAreArray<std::string>({}));
    get.set_with_permissions(true);
    record::v1::BatchGetRequest batch;
    batch.add_names(attempt.name);
    batch.set_with_permissions(true);
    record::v1::ListRequest list;
    list.set_page_size(1'000);
    list.set_with_permissions(true);
    const RecordAnswer got = attempt.tested.Get(get);
    const RecordsAnswer several = attempt.tested.BatchGet(batch);
    std::string listed;
    EXPECT_EQ(Contains(attempt.tested.List(list), attempt, &listed), read);
    ExpectDecided(attempt, record::v1::READ, got);
    ExpectDecided(attempt, record::v1::READ, several);
    if (!read) return;
    ++readable;
    ASSERT_EQ(several.records.size(), 1u) << several;
    const auto expected = ExpectedPermissions(attempt);
    for (const std::string& record : {got.body, several.records.front(), listed})
      EXPECT_THAT(PermissionsOf(record), ElementsAreArray(expected));
    get.mutable_read_mask()->add_paths("permissions");
    get.set_with_permissions(false);
    EXPECT_THAT(PermissionsOf(attempt.tested.Get(get).body), ElementsAreArray(expected));
  });
  EXPECT_GT(readable, 1'000);
}

TEST(Depth, OtherReads) {
  ForEachAttempt(Concerned(record::v1::READ), [](const Attempt& attempt) {
    ExpectDecided(attempt, record::v1::READ, attempt.tested.PreviewDelete(attempt.name));
    record::v1::HistoryRequest history;
    history.set_name(attempt.name);
    ExpectDecided(attempt, record::v1::READ, attempt.tested.History(history));
    record::v1::GetRequest get;
    get.set_name(attempt.name);
    std::string body;
    ExpectDecided(attempt, record::v1::READ,
                  attempt.caller.client.CallBytes("/crm.record.v1.Records/GetRecord",
                                                  get.SerializeAsString(), &body));
    *get.mutable_read_time() = TimeIn(
        *attempt.type.Parse(attempt.tested.With(Attempt::World().organization().administrator())
                                .Get(attempt.name)
                                .body),
        "update_time");
    ExpectDecided(attempt, record::v1::READ, attempt.tested.Get(get));
  });
}

TEST(Depth, Watching) {
  ForEachAttempt(Concerned(record::v1::READ), [](const Attempt& attempt) {
    if (attempt.where != Where::kElsewhere) return;
    record::v1::WatchRequest request;
    request.set_initial_state(true);
    request.set_until_now(true);
    auto stream = attempt.tested.Watch(request);
    const auto* method = attempt.type.service->FindMethodByName("Watch" + attempt.type.many);
    ASSERT_NE(method, nullptr);
    Record change = Schema::Shared().New(method->output_type());
    std::string seen;
    while (stream->Next(change.get())) seen += change->SerializeAsString();
    for (const Where where : kEverywhere) {
      const std::string name = Attempt::World().RecordAt(attempt.type, attempt.caller, where);
      if (name.empty()) continue;
      EXPECT_EQ(seen.find(name) != std::string::npos,
                Depths::Covers(attempt.caller, record::v1::READ, attempt.type, where))
          << name;
    }
  });
}

TEST(Depth, Updating) {
  ForEachAttempt(Concerned(record::v1::WRITE), [](const Attempt& attempt) {
    Record record = attempt.type.New();
    SetText(record.get(), "name", attempt.name);
    SetText(record.get(), attempt.tested.FreeText()->name(), "By " + attempt.caller.sign_in_name);
    Asked asked{.mask = {attempt.tested.FreeText()->name()}};
    const RecordsAnswer batch =
        attempt.tested.BatchUpdate({Tested::UpdateBytes(record->SerializeAsString(), asked)});
    ExpectDecided(attempt, record::v1::WRITE, batch);
    asked.validate_only = true;
    const RecordAnswer one = attempt.tested.Update(*record, asked);
    ExpectDecided(attempt, record::v1::WRITE, one);
    if (HasOwner(attempt.type)) {
      EXPECT_EQ(one.ok(), attempt.Covers(record::v1::WRITE)) << one;
      EXPECT_EQ(batch.ok(), attempt.Covers(record::v1::WRITE)) << batch;
    }
  });
}

TEST(Depth, Deleting) {
  ForEachAttempt(Concerned(record::v1::DELETE), [](const Attempt& attempt) {
    record::v1::DeleteRequest request;
    request.set_name(attempt.name);
    request.set_force(true);
    request.set_validate_only(true);
    const auto deleted = attempt.tested.Delete(request);
    ExpectDecided(attempt, record::v1::DELETE, deleted);
    // Whoever may see the record is told beforehand.
    const auto preview = attempt.tested.PreviewDelete(attempt.name);
    if (preview.ok()) {
      EXPECT_EQ(preview.body.refusal().code(), deleted.code) << deleted;
      EXPECT_EQ(preview.body.refusal().message(), deleted.message);
    }
    if (HasOwner(attempt.type)) {
      EXPECT_EQ(deleted.ok(), attempt.Covers(record::v1::DELETE)) << deleted;
    }
    record::v1::NameRequest undelete;
    undelete.set_name(Attempt::World().DeletedAt(attempt.type, attempt.caller, attempt.where));
    undelete.set_validate_only(true);
    if (!undelete.name().empty())
      ExpectDecided(attempt, record::v1::DELETE, attempt.tested.Undelete(undelete));
  });
}

TEST(Depth, Creating) {
  const auto concerned = [](const Caller& caller) {
    return !caller.varied || caller.varied == record::v1::CREATE ||
           caller.varied == record::v1::APPEND || caller.varied == record::v1::APPEND_TO;
  };
  int created = 0;
  ForEachAttempt(concerned, [&](const Attempt& attempt) {
    const Record record = Attempt::World().NewAt(attempt.type, attempt.caller, attempt.where);
    if (record == nullptr) return;
    const RecordAnswer made = attempt.tested.Create(*record, {.validate_only = true});
    const bool may =
        Attempt::World().MayCreate(attempt.caller, attempt.type, attempt.where, record);
    // A record that may not be read is not there to refer to.
    EXPECT_EQ(!IsForRights(made) && made.reason != "BAD_REFERENCE", may) << made;
    if (HasOwner(attempt.type)) {
      EXPECT_EQ(made.ok(), may) << made;
    }
    created += made.ok() ? 1 : 0;
  });
  EXPECT_GT(created, 500);
}

TEST(Depth, AssigningAndSharing) {
  for (const Right right : {record::v1::ASSIGN, record::v1::SHARE}) {
    ForEachAttempt(Concerned(right), [right](const Attempt& attempt) {
      if (!HasOwner(attempt.type)) return;
      const std::string colleague = Attempt::World().UserAt(attempt.caller, Where::kUnit);
      const auto call = [&](const std::string& method, auto request) {
        request.set_name(attempt.name);
        request.set_validate_only(true);
        std::string body;
        const Outcome outcome = attempt.caller.client.CallBytes("/crm.record.v1.Access/" + method,
                                                                request.SerializeAsString(), &body);
        ExpectDecided(attempt, right, outcome);
        EXPECT_EQ(outcome.ok(), attempt.Covers(record::v1::READ) && attempt.Covers(right))
            << outcome;
      };
      if (right == record::v1::ASSIGN) {
        record::v1::AssignRecordRequest assign;
        assign.set_owner(colleague);
        return call("AssignRecord", assign);
      }
      record::v1::ShareRecordRequest share;
      share.set_principal(colleague);
      share.add_rights(record::v1::READ);
      call("ShareRecord", share);
      record::v1::UnshareRecordRequest unshare;
      unshare.set_principal(colleague);
      call("UnshareRecord", unshare);
    });
  }
}

}  // namespace
}  // namespace crm::test
