#include <gmock/gmock.h>

#include <atomic>
#include <functional>
#include <set>
#include <thread>

#include "tests/conformance/tested.h"

namespace crm::test {
namespace {

constexpr int kThreads = 8;

// Sends the same from several threads at once.
std::vector<RecordAnswer> AtOnce(const std::function<RecordAnswer()>& send) {
  std::vector<RecordAnswer> answers(kThreads);
  std::vector<std::thread> threads;
  for (RecordAnswer& answer : answers) threads.emplace_back([&] { answer = send(); });
  for (std::thread& thread : threads) thread.join();
  return answers;
}

TEST(RequestIds, RepeatTheFirstAnswer) {
  ForEachType("ids", [](Tested& tested) {
    const Record record = tested.Full(1);
    const RecordAnswer created = tested.Create(*record, {.request_id = "create"});
    ASSERT_TRUE(created.ok()) << created;
    Record changed = tested.type().Parse(created.body);
    SetText(changed.get(), tested.FreeText()->name(), "Changed");
    const RecordAnswer updated = tested.Update(*changed, {.request_id = "update"});
    ASSERT_TRUE(updated.ok()) << updated;
    const auto before = tested.Hashes();
    const RecordAnswer create_again = tested.Create(*record, {.request_id = "create"});
    EXPECT_EQ(create_again.body, created.body) << create_again;
    EXPECT_EQ(create_again.position(), created.position());
    const RecordAnswer update_again = tested.Update(*changed, {.request_id = "update"});
    EXPECT_EQ(update_again.body, updated.body) << update_again;
    record::v1::DeleteRequest remove;
    remove.set_name(tested.Name(created.body));
    remove.set_request_id("delete");
    EXPECT_EQ(tested.Hashes(), before);
    const auto deleted = tested.Delete(remove);
    ASSERT_TRUE(deleted.ok()) << deleted;
    const auto delete_again = tested.Delete(remove);
    EXPECT_EQ(delete_again.body.SerializeAsString(), deleted.body.SerializeAsString())
        << delete_again;
    // Of a record that is gone as well.
    EXPECT_EQ(tested.Create(*record, {.request_id = "create"}).body, created.body);
    EXPECT_EQ(tested.Update(*changed, {.request_id = "update"}).body, updated.body);
    record::v1::NameRequest undelete;
    undelete.set_name(tested.Name(created.body));
    undelete.set_request_id("undelete");
    const RecordAnswer back = tested.Undelete(undelete);
    ASSERT_TRUE(back.ok()) << back;
    EXPECT_EQ(tested.Undelete(undelete).body, back.body);
    EXPECT_EQ(tested.History(tested.Name(created.body)).size(), 4u);
  });
}

TEST(RequestIds, ConcurrentRepetitionsActOnce) {
  ForEachType("ids-at-once", [](Tested& tested) {
    const size_t there = tested.ListAll("", "").size();
    for (int round = 0; round < 5; ++round) {
      const Record record = tested.Full(1);
      const std::string id = "at-once-" + std::to_string(round);
      std::set<std::string> bodies;
      for (const RecordAnswer& answer :
           AtOnce([&] { return tested.Create(*record, {.request_id = id}); })) {
        ASSERT_TRUE(answer.ok()) << answer;
        bodies.insert(answer.body);
      }
      ASSERT_EQ(bodies.size(), 1u);
      EXPECT_EQ(tested.History(tested.Name(*bodies.begin())).size(), 1u);
    }
    EXPECT_EQ(tested.ListAll("", "").size(), there + 5);
  });
}

TEST(RequestIds, OneOfSeveralWritersOfAVersionWins) {
  ForEachType("ids-race", [](Tested& tested) {
    const RecordAnswer created = tested.Create(*tested.Full(1));
    ASSERT_TRUE(created.ok()) << created;
    std::atomic<int> writer = 0;
    int won = 0;
    for (const RecordAnswer& answer : AtOnce([&] {
           Record changed = tested.type().Parse(created.body);
           SetText(changed.get(), tested.FreeText()->name(), std::to_string(++writer));
           return tested.Update(*changed);
         })) {
      won += answer.ok() ? 1 : 0;
      if (!answer.ok()) {
        EXPECT_EQ(answer.reason, "VERSION_CONFLICT") << answer;
      }
    }
    EXPECT_EQ(won, 1);
    EXPECT_EQ(tested.History(tested.Name(created.body)).size(), 2u);
  });
}

// A client's id works like a request id as far as twice is refused.
TEST(RequestIds, OneOfSeveralCreatorsOfAnIdWins) {
  ForEachType("ids-chosen", [](Tested& tested) {
    const Record record = tested.Full(1);
    int won = 0;
    for (const RecordAnswer& answer :
         AtOnce([&] { return tested.Create(*record, {.id = IdOf(1)}); })) {
      won += answer.ok() ? 1 : 0;
      if (!answer.ok()) {
        EXPECT_EQ(answer.reason, "ID") << answer;
      }
    }
    EXPECT_EQ(won, 1);
  });
}

// Of a numbered source what is not above its highest number is done, and said to be.
TEST(Outboxes, SayWhatIsDone) {
  ForEachType("outbox", [](Tested& tested) {
    const auto numbered = [&](const std::string& number) {
      return tested.With(tested.client().With({{"crm-outbox", "src/" + number}}));
    };
    const Record record = tested.Full(1);
    const RecordAnswer created = numbered("5").Create(*record, {.request_id = "fifth"});
    ASSERT_TRUE(created.ok()) << created;
    const auto before = tested.Hashes();
    const Record other = tested.Full(2);
    for (const char* number : {"5", "4"}) {
      const RecordAnswer again = numbered(number).Create(*other);
      EXPECT_EQ(again.code, grpc::StatusCode::ALREADY_EXISTS) << again;
      EXPECT_EQ(again.reason, "OUTBOX_NUMBER_DONE") << again;
      EXPECT_EQ(again.facts.at("source"), "src");
      EXPECT_EQ(again.facts.at("number"), number);
      EXPECT_EQ(again.facts.at("highest"), "5");
      const RecordAnswer asked = numbered(number).Create(*other, {.validate_only = true});
      EXPECT_EQ(asked.code, grpc::StatusCode::ALREADY_EXISTS) << asked;
      EXPECT_EQ(asked.reason, "OUTBOX_NUMBER_DONE") << asked;
    }
    // Together with its request id there is what it was answered.
    EXPECT_EQ(numbered("5").Create(*record, {.request_id = "fifth"}).body, created.body);
    EXPECT_EQ(numbered("5").Create(*other, {.request_id = "fifth"}).reason, "REQUEST_ID_REUSED");
    // A preview is not the delete that has the number.
    const auto preview = numbered("5").PreviewDelete(tested.Name(created.body));
    EXPECT_TRUE(preview.ok()) << preview;
    // Asking whether a number's command would do does not use it up.
    EXPECT_TRUE(numbered("6").Create(*other, {.validate_only = true}).ok());
    EXPECT_EQ(tested.Hashes(), before);
    const RecordAnswer next = numbered("6").Create(*other);
    EXPECT_TRUE(next.ok()) << next;
  });
}

// Several senders of one number: it is done once, and each learns of it.
TEST(Outboxes, OneOfSeveralSendersOfANumberWins) {
  ForEachType("outbox-at-once", [](Tested& tested) {
    const Tested numbered = tested.With(tested.client().With({{"crm-outbox", "src/1"}}));
    const Record record = tested.Full(1);
    int won = 0;
    for (const RecordAnswer& answer : AtOnce([&] { return numbered.Create(*record); })) {
      won += answer.ok() ? 1 : 0;
      if (!answer.ok()) {
        EXPECT_EQ(answer.reason, "OUTBOX_NUMBER_DONE") << answer;
      }
    }
    EXPECT_EQ(won, 1);
  });
}

}  // namespace
}  // namespace crm::test
