#include <gmock/gmock.h>

#include <atomic>
#include <set>
#include <thread>

#include "tests/conformance/tested.h"

namespace crm::test {
namespace {

using record::v1::Change;
using record::v1::HistoryRequest;
using record::v1::WatchRequest;
using testing::ElementsAre;
using testing::Pair;

// A record that was created, changed twice, deleted and brought back.
struct Life {
  explicit Life(Tested& tested) {
    versions.push_back(tested.Create(*tested.Full(1)));
    for (const char* text : {"First", "Second"}) {
      Record changed = tested.type().Parse(versions.back().body);
      SetText(changed.get(), tested.FreeText()->name(), text);
      versions.push_back(tested.Update(*changed, {.mask = {tested.FreeText()->name()}}));
    }
    name = tested.Name(versions[0].body);
    EXPECT_TRUE(tested.Delete(name).ok());
    versions.push_back(tested.Undelete(name));
    for (const RecordAnswer& version : versions) EXPECT_TRUE(version.ok()) << version;
    events = {tested.type().EventType("created"), tested.type().EventType("updated"),
              tested.type().EventType("updated"), tested.type().EventType("deleted"),
              tested.type().EventType("undeleted")};
  }
  std::string name;
  std::vector<RecordAnswer> versions;  // but the deletion
  std::vector<std::string> events;
};

std::vector<std::string> EventsOf(const std::vector<Change>& changes) {
  std::vector<std::string> events;
  for (const Change& change : changes) events.push_back(change.event());
  return events;
}

TEST(StandardHistory, TellsEveryChange) {
  ForEachType("history", [](Tested& tested) {
    const Life life(tested);
    const std::vector<Change> history = tested.History(life.name);
    const std::vector<std::string> newest_first(life.events.rbegin(), life.events.rend());
    ASSERT_EQ(EventsOf(history), newest_first);
    const std::string user = tested.Text(life.versions[0].body, 5);
    std::set<std::string> commands;
    for (const Change& change : history) {
      EXPECT_EQ(change.name(), life.name);
      EXPECT_EQ(change.user(), user);
      EXPECT_EQ(change.client(), "api");
      EXPECT_TRUE(change.has_time());
      EXPECT_TRUE(commands.insert(change.command()).second);
    }
    const Change& second = history[2];
    ASSERT_EQ(second.fields_size(), 1);
    EXPECT_EQ(second.fields(0).path(), tested.FreeText()->name());
    EXPECT_EQ(second.fields(0).from().text(), "First");
    EXPECT_EQ(second.fields(0).to().text(), "Second");
    EXPECT_EQ(second.etag(), "3");
    EXPECT_EQ(second.position(), life.versions[2].position());
    EXPECT_EQ(history[1].etag(), "");
    EXPECT_EQ(history[0].etag(), "5");
    EXPECT_EQ(tested.History(HistoryRequest()).reason, "REQUIRED_FIELD");
    HistoryRequest unknown;
    unknown.set_name(tested.type().collection + "/" + IdOf(1));
    EXPECT_EQ(tested.History(unknown).reason, "NOT_FOUND");
  });
}

TEST(StandardHistory, ComesInPages) {
  ForEachType("history-pages", [](Tested& tested) {
    const Life life(tested);
    HistoryRequest request;
    request.set_name(life.name);
    request.set_page_size(2);
    std::vector<Change> paged;
    for (int i = 0; i < 3; ++i) {
      const auto page = tested.History(request);
      ASSERT_TRUE(page.ok()) << page;
      EXPECT_EQ(page.body.changes_size(), i < 2 ? 2 : 1);
      paged.insert(paged.end(), page.body.changes().begin(), page.body.changes().end());
      request.set_page_token(page.body.next_page_token());
    }
    EXPECT_EQ(request.page_token(), "");
    EXPECT_EQ(EventsOf(paged), EventsOf(tested.History(life.name)));
    request.set_page_token("bm9uc2Vuc2Vub25zZW5zZQ");
    EXPECT_THAT(tested.History(request).faults,
                ElementsAre(Pair("page_token", "INVALID_PAGE_TOKEN")));
  });
}

// One message of a watch: the change, and the record after it.
struct Seen {
  Change change;
  std::string record;
};

std::vector<Seen> Next(const Tested& tested, Stream& stream, size_t count) {
  const auto* watch = tested.type().service->FindMethodByName("Watch" + tested.type().many);
  std::vector<Seen> seen;
  const Record message(tested.type().factory->GetPrototype(watch->output_type())->New());
  while (seen.size() < count && stream.Next(message.get())) {
    const Fields fields(message->SerializeAsString());
    Seen each;
    EXPECT_TRUE(each.change.ParseFromString(fields.Text(1)));
    each.record = fields.Text(2);
    seen.push_back(std::move(each));
  }
  EXPECT_EQ(seen.size(), count) << stream.Finish();
  return seen;
}

TEST(StandardWatch, TellsWhatHappenedSinceAPosition) {
  ForEachType("watch", [](Tested& tested) {
    const Life life(tested);
    WatchRequest request;
    request.set_position("0");
    std::vector<Seen> all;
    {
      auto stream = tested.Watch(request);
      // Types that need a parent of their own type would have it here first.
      do {
        all = Next(tested, *stream, 1);
        ASSERT_EQ(all.size(), 1u);
      } while (all[0].change.name() != life.name);
      for (Seen& seen : Next(tested, *stream, 4)) all.push_back(std::move(seen));
    }
    ASSERT_EQ(all.size(), 5u);
    for (size_t i = 0; i < all.size(); ++i) {
      EXPECT_EQ(all[i].change.event(), life.events[i]);
      EXPECT_EQ(all[i].change.name(), life.name);
    }
    EXPECT_EQ(all[0].record, life.versions[0].body);
    EXPECT_EQ(all[2].record, life.versions[2].body);
    EXPECT_EQ(all[3].record, "");
    EXPECT_EQ(all[4].record, life.versions[3].body);
    // From any change on.
    request.set_position(all[1].change.position());
    auto resumed = tested.Watch(request);
    const std::vector<Seen> rest = Next(tested, *resumed, 3);
    ASSERT_EQ(rest.size(), 3u);
    for (size_t i = 0; i < rest.size(); ++i) {
      EXPECT_EQ(rest[i].change.SerializeAsString(), all[i + 2].change.SerializeAsString());
      EXPECT_EQ(rest[i].record, all[i + 2].record);
    }
    // And what comes while it waits, of this tenant only.
    const Tested other =
        tested.With(Client(Server::Shared(), TenantFor("watch-elsewhere", tested.type())));
    other.Create(*tested.type().Parse(life.versions[0].body));
    const RecordAnswer late = tested.Create(*tested.Full(2));
    const std::vector<Seen> seen = Next(tested, *resumed, 1);
    ASSERT_EQ(seen.size(), 1u);
    EXPECT_EQ(seen[0].record, late.body);
  });
}

TEST(StandardWatch, BeginsWithEverythingIfAsked) {
  ForEachType("watch-begin", [](Tested& tested) {
    const RecordAnswer first = tested.Create(*tested.Full(1));
    const size_t there = tested.ListAll("", "").size();
    WatchRequest everything;
    everything.set_initial_state(true);
    auto with_state = tested.Watch(everything);
    std::vector<std::string> state;
    for (const Seen& seen : Next(tested, *with_state, there)) state.push_back(seen.record);
    EXPECT_THAT(state, testing::Contains(first.body));
    const RecordAnswer second = tested.Create(*tested.Full(2));
    const std::vector<Seen> seen = Next(tested, *with_state, 1);
    ASSERT_EQ(seen.size(), 1u);
    EXPECT_EQ(seen[0].record, second.body);
    EXPECT_EQ(seen[0].change.event(), tested.type().EventType("created"));
  });
}

TEST(StandardWatch, BeginsNowUnlessToldOtherwise) {
  ForEachType("watch-now", [](Tested& tested) {
    const RecordAnswer before = tested.Create(*tested.Full(1));
    ASSERT_TRUE(before.ok()) << before;
    auto stream = tested.Watch(WatchRequest());
    // Nobody is told when it has begun, so records are made until it has seen one.
    std::atomic<bool> seen_one = false;
    // Each with values of its own: some must be unique.
    std::thread creating([&] {
      for (int number = 2; !seen_one; ++number) tested.Create(*tested.Full(number));
    });
    const std::vector<Seen> seen = Next(tested, *stream, 1);
    seen_one = true;
    creating.join();
    ASSERT_EQ(seen.size(), 1u);
    EXPECT_NE(seen[0].change.name(), tested.Name(before.body));
    EXPECT_EQ(seen[0].change.event(), tested.type().EventType("created"));
  });
}

TEST(StandardWatch, RefusesWhatItCanNotDo) {
  ForEachType("watch-refused", [](Tested& tested) {
    WatchRequest request;
    request.set_filter("a = 1");
    request.set_position("nonsense");
    auto stream = tested.Watch(request);
    Change none;
    EXPECT_FALSE(stream->Next(&none));
    const Outcome refused = stream->Finish();
    EXPECT_EQ(refused.code, grpc::StatusCode::INVALID_ARGUMENT) << refused;
    EXPECT_THAT(refused.faults,
                ElementsAre(Pair("filter", "INVALID_VALUE"), Pair("position", "INVALID_POSITION")));
    // Of another service's log.
    const bool identity = tested.type().Service() == "identity";
    Tested elsewhere(tested.schema(), *tested.schema().Find(identity ? "leads" : "users"),
                     TenantFor("watch-refused", tested.type()));
    request.clear_filter();
    request.set_position(elsewhere.Create(*elsewhere.Minimal(1)).position());
    ASSERT_NE(request.position(), "");
    auto other = tested.Watch(request);
    EXPECT_FALSE(other->Next(&none));
    EXPECT_THAT(other->Finish().faults, ElementsAre(Pair("position", "POSITION_OF_ANOTHER_LOG")));
  });
}

}  // namespace
}  // namespace crm::test
