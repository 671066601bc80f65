#include <gmock/gmock.h>

#include <set>

#include "crm/sales/v1/lead.pb.h"
#include "tests/conformance/tested.h"

namespace crm::test {
namespace {

using testing::ElementsAre;
using testing::Pair;

constexpr size_t kMostItems = 200;  // as --max-batch says, if nobody sets it

std::string Item(const Record& record, const Asked& asked = {}) {
  return Tested::CreateBytes(record->SerializeAsString(), asked);
}

// A change of one text of a record.
std::string ItemChanging(const Tested& tested, const std::string& name, const std::string& text,
                         const std::string& etag = "") {
  const Record changed = tested.type().New();
  SetText(changed.get(), "name", name);
  SetText(changed.get(), "etag", etag);
  SetText(changed.get(), tested.FreeText()->name(), text);
  return Tested::UpdateBytes(changed->SerializeAsString(), {.mask = {tested.FreeText()->name()}});
}

TEST(StandardBatch, CreatesAllInOrder) {
  ForEachType("batch-create", [](Tested& tested) {
    const RecordsAnswer created =
        tested.BatchCreate({Item(tested.Full(1), {.id = IdOf(3)}), Item(tested.Full(2)),
                            Item(tested.Minimal(3), {.id = IdOf(1)})});
    ASSERT_TRUE(created.ok()) << created;
    ASSERT_EQ(created.records.size(), 3u);
    EXPECT_EQ(tested.Name(created.records[0]), tested.type().collection + "/" + IdOf(3));
    EXPECT_EQ(tested.Name(created.records[2]), tested.type().collection + "/" + IdOf(1));
    std::set<std::string> commands;
    for (const std::string& record : created.records) {
      EXPECT_EQ(tested.Get(tested.Name(record)).body, record);
      const auto history = tested.History(tested.Name(record));
      ASSERT_EQ(history.size(), 1u);
      EXPECT_EQ(history[0].event(), tested.type().EventType("created"));
      commands.insert(history[0].command());
    }
    EXPECT_EQ(commands.size(), 1u) << "one command, one commit";
  });
}

TEST(StandardBatch, CreatesAllOrNone) {
  ForEachType("batch-none", [](Tested& tested) {
    ASSERT_TRUE(tested.Create(*tested.Minimal(1), {.id = IdOf(1)}).ok());
    const auto before = tested.Hashes();
    const Record bad = tested.Full(2);
    bad->GetReflection()->MutableUnknownFields(bad.get())->AddVarint(54321, 1);
    const RecordsAnswer refused =
        tested.BatchCreate({Item(tested.Full(1)), Item(bad), Item(tested.Full(3)), Item(bad)});
    EXPECT_EQ(refused.code, grpc::StatusCode::INVALID_ARGUMENT);
    const std::string path = tested.type().singular + ".54321";
    EXPECT_THAT(refused.faults, ElementsAre(Pair("requests[1]." + path, "UNKNOWN_FIELD"),
                                            Pair("requests[3]." + path, "UNKNOWN_FIELD")));
    // Ids that are taken are all named, so that an import can go on without them.
    const RecordsAnswer taken = tested.BatchCreate({Item(tested.Full(1), {.id = IdOf(2)}),
                                                    Item(tested.Full(2), {.id = IdOf(1)}),
                                                    Item(tested.Full(3), {.id = IdOf(1)})});
    EXPECT_EQ(taken.code, grpc::StatusCode::ALREADY_EXISTS);
    EXPECT_EQ(taken.reason, "ID") << taken;
    const std::string id = tested.type().singular + "_id";
    EXPECT_THAT(taken.faults,
                ElementsAre(Pair("requests[1]." + id, "ID"), Pair("requests[2]." + id, "ID")));
    EXPECT_EQ(tested.Hashes(), before);
    // The same id twice within one batch.
    EXPECT_EQ(tested
                  .BatchCreate({Item(tested.Full(1), {.id = IdOf(7)}),
                                Item(tested.Full(2), {.id = IdOf(7)})})
                  .reason,
              "ID");
    EXPECT_EQ(tested.Hashes(), before);
  });
}

TEST(StandardBatch, HasALimit) {
  ForEachType("batch-limit", [](Tested& tested) {
    std::vector<std::string> items(kMostItems + 1, Item(tested.Minimal(1)));
    const auto before = tested.Hashes();
    EXPECT_THAT(tested.BatchCreate(items).faults, ElementsAre(Pair("requests", "OUT_OF_RANGE")));
    EXPECT_THAT(tested.BatchCreate({}).faults, ElementsAre(Pair("requests", "OUT_OF_RANGE")));
    EXPECT_THAT(tested.BatchUpdate({}).faults, ElementsAre(Pair("requests", "OUT_OF_RANGE")));
    EXPECT_EQ(tested.Hashes(), before);
    if (tested.HasUniqueField()) return;  // so many can not be made alike
    items.pop_back();
    const RecordsAnswer created = tested.BatchCreate(items);
    ASSERT_TRUE(created.ok()) << created;
    EXPECT_EQ(created.records.size(), kMostItems);
    std::vector<std::string> changes;
    for (const std::string& record : created.records)
      changes.push_back(ItemChanging(tested, tested.Name(record), "Changed"));
    EXPECT_EQ(tested.BatchUpdate(changes).records.size(), kMostItems);
    changes.push_back(changes[0]);
    EXPECT_THAT(tested.BatchUpdate(changes).faults, ElementsAre(Pair("requests", "OUT_OF_RANGE")));
  });
}

TEST(StandardBatch, UpdatesAllOrNone) {
  ForEachType("batch-update", [](Tested& tested) {
    std::vector<std::string> names;
    for (int i = 0; i < 3; ++i) names.push_back(tested.Name(tested.Create(*tested.Full(i)).body));
    const RecordsAnswer updated = tested.BatchUpdate(
        {ItemChanging(tested, names[2], "Two"), ItemChanging(tested, names[0], "Zero")});
    ASSERT_TRUE(updated.ok()) << updated;
    ASSERT_EQ(updated.records.size(), 2u);
    EXPECT_EQ(tested.Get(names[2]).body, updated.records[0]);
    EXPECT_EQ(tested.Get(names[0]).body, updated.records[1]);
    const auto before = tested.Hashes();
    const RecordsAnswer stale = tested.BatchUpdate(
        {ItemChanging(tested, names[1], "One"), ItemChanging(tested, names[0], "Zero", "1")});
    EXPECT_EQ(stale.code, grpc::StatusCode::ABORTED) << stale;
    EXPECT_EQ(stale.reason, "VERSION_CONFLICT");
    const RecordsAnswer missing = tested.BatchUpdate(
        {ItemChanging(tested, names[1], "One"),
         ItemChanging(tested, tested.type().collection + "/" + IdOf(1), "None")});
    EXPECT_EQ(missing.code, grpc::StatusCode::NOT_FOUND);
    EXPECT_EQ(tested.Hashes(), before);
    // The same record twice: the second change comes after the first.
    const RecordsAnswer twice = tested.BatchUpdate(
        {ItemChanging(tested, names[1], "First"), ItemChanging(tested, names[1], "Second")});
    ASSERT_TRUE(twice.ok()) << twice;
    EXPECT_EQ(tested.Get(names[1]).body, twice.records[1]);
    EXPECT_EQ(tested.Etag(twice.records[1]), "3");
  });
}

TEST(StandardBatch, TakesRequestIdsForAllItsItems) {
  ForEachType("batch-ids", [](Tested& tested) {
    const std::vector<std::string> items = {Item(tested.Full(1)), Item(tested.Full(2))};
    const RecordsAnswer first = tested.BatchCreate(items, "batch-1");
    ASSERT_TRUE(first.ok()) << first;
    const auto before = tested.Hashes();
    const RecordsAnswer second = tested.BatchCreate(items, "batch-1");
    EXPECT_EQ(second.records, first.records) << second;
    EXPECT_EQ(tested.BatchCreate({items[1], items[0]}, "batch-1").reason, "REQUEST_ID_REUSED");
    const RecordsAnswer inside =
        tested.BatchCreate({items[0], Item(tested.Full(3), {.request_id = "inside"})});
    EXPECT_THAT(inside.faults, ElementsAre(Pair("requests[1].request_id", "INVALID_VALUE")));
    const RecordsAnswer only =
        tested.BatchCreate({items[0], Item(tested.Full(3), {.validate_only = true})});
    EXPECT_THAT(only.faults, ElementsAre(Pair("requests[1].validate_only", "INVALID_VALUE")));
    EXPECT_EQ(tested.Hashes(), before);
  });
}

// A number is one command's, and a batch of commands is many.
TEST(CommandBatches, HaveNoNumber) {
  const Client client = Client(Server::Shared(), "batch-number").With({{"crm-outbox", "src/1"}});
  sales::v1::BatchQualifyLeadsRequest batch;
  for (const int i : {1, 2}) batch.add_requests()->set_name("leads/" + IdOf(i));
  const auto refused = client.Call<sales::v1::BatchQualifyLeadsResponse>(
      "/crm.sales.v1.Leads/BatchQualifyLeads", batch);
  EXPECT_EQ(refused.code, grpc::StatusCode::INVALID_ARGUMENT) << refused;
  EXPECT_THAT(refused.faults, ElementsAre(Pair("crm-outbox", "INVALID_VALUE")));
}

}  // namespace
}  // namespace crm::test
