#include <gmock/gmock.h>

#include "tests/server/filled.h"
#include "tests/server/records.h"

// Deleting a lead with what hangs on it, in the shape of rows 15 to 17 of the acceptance list;
// those rows themselves speak of posts, follows, connections and accounts too.
namespace crm::test {
namespace {

using record::v1::Change;
using testing::ElementsAre;
using testing::Pair;
using testing::UnorderedElementsAre;
using testing::UnorderedElementsAreArray;

// A lead with two notes and a task, and beside it another lead with a note.
struct Tree {
  explicit Tree(const Client& client)
      : lead(Created(client, FullLead(15))),
        first_note(Created(client, FullNote(lead.name(), 1))),
        second_note(Created(client, FullNote(lead.name(), 2))),
        task(Created(client, FullTask(lead.name(), 3))),
        other_lead(Created(client, FullLead(16))),
        other_note(Created(client, FullNote(other_lead.name(), 4))) {}

  template <class Record>
  Record Created(const Client& client, const Record& record) {
    const auto answer = Create(client, record);
    EXPECT_TRUE(answer.ok()) << answer;
    position = answer.position();
    return answer.body;
  }
  std::vector<std::string> names() const {
    return {first_note.name(), second_note.name(), task.name(), lead.name()};
  }

  std::string position;  // after all of them were created
  Lead lead;
  Note first_note, second_note;
  Task task;
  Lead other_lead;
  Note other_note;
};

template <class Record>
bool IsGone(const Client& client, const std::string& name) {
  record::v1::BatchGetRequest several;
  several.add_names(name);
  const auto one = Get<Record>(client, name);
  const auto batch =
      client.Call<typename Methods<Record>::BatchResponse>(ManyOf<Record>("BatchGet"), several);
  return one.code == grpc::StatusCode::NOT_FOUND && batch.code == grpc::StatusCode::NOT_FOUND;
}

bool EndsWith(const std::vector<std::string>& names, const std::string& last) {
  return !names.empty() && names.back() == last;
}

// | 15 | SA | Delete lead cascades (S15) | G lead with task, note, post W Delete T all gone from
// reads; linked account remains with originating lead empty | as far as notes and tasks go.
TEST(DeleteTree, CascadesToNotesAndTasks) {
  const Client client(Server::Shared(), "tree-delete");
  const Tree tree(client);
  const auto before = Verify(client);
  // What goes with it is told before it goes.
  const auto refused = Delete<Lead>(client, tree.lead.name());
  EXPECT_EQ(refused.code, grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(refused.reason, "HAS_CHILDREN") << refused;
  EXPECT_THAT(refused.facts, ElementsAre(Pair("notes", "2"), Pair("tasks", "1")));
  EXPECT_EQ(Verify(client), before);

  const auto done = Delete<Lead>(client, tree.lead.name(), true);
  ASSERT_TRUE(done.ok()) << done;
  const std::vector<std::string> deleted(done.body.deleted().begin(), done.body.deleted().end());
  EXPECT_THAT(deleted, UnorderedElementsAreArray(tree.names()));
  EXPECT_TRUE(EndsWith(deleted, tree.lead.name())) << "children come before their parents";
  EXPECT_FALSE(done.body.position().empty());
  EXPECT_TRUE(IsGone<Lead>(client, tree.lead.name()));
  EXPECT_TRUE(IsGone<Note>(client, tree.first_note.name()));
  EXPECT_TRUE(IsGone<Note>(client, tree.second_note.name()));
  EXPECT_TRUE(IsGone<Task>(client, tree.task.name()));
  EXPECT_EQ(Count<Lead>(client), 1);
  EXPECT_EQ(Count<Note>(client), 1);
  EXPECT_EQ(Count<Task>(client), 0);
  EXPECT_EQ(Count<Note>(client, "regarding = \"" + tree.lead.name() + '"'), 0);
  EXPECT_TRUE(Equal(Get<Lead>(client, tree.other_lead.name()).body, tree.other_lead));
  EXPECT_TRUE(Equal(Get<Note>(client, tree.other_note.name()).body, tree.other_note));
  EXPECT_EQ(Delete<Lead>(client, tree.lead.name(), true).code, grpc::StatusCode::NOT_FOUND);

  const Changes changes = ChangesAfter(client, tree.position);
  ASSERT_EQ(changes.size(), 4u);
  ASSERT_EQ(changes.leads.size(), 1u);
  EXPECT_EQ(changes.leads[0].change().event(), "crm.sales.v1.lead.deleted");
  EXPECT_FALSE(changes.leads[0].has_lead());
  for (const auto& note : changes.notes) {
    EXPECT_EQ(note.change().event(), "crm.activity.v1.note.deleted");
    EXPECT_EQ(note.change().command(), changes.leads[0].change().command());
  }
}

// | 16 | SA | Delete preview | G same W PreviewDelete T lists exactly the records 15 removes |
TEST(DeleteTree, PreviewListsExactly) {
  const Client client(Server::Shared(), "tree-preview");
  const Tree tree(client);
  const auto before = Verify(client);
  const auto preview = PreviewDelete<Lead>(client, tree.lead.name());
  ASSERT_TRUE(preview.ok()) << preview;
  const std::vector<std::string> listed(preview.body.deleted().begin(),
                                        preview.body.deleted().end());
  EXPECT_THAT(listed, UnorderedElementsAreArray(tree.names()));
  EXPECT_TRUE(preview.body.unlinked().empty());
  EXPECT_TRUE(preview.body.blockers().empty());
  EXPECT_THAT(preview.body.counts(), UnorderedElementsAre(Pair("notes", 2), Pair("tasks", 1)));
  EXPECT_EQ(Verify(client), before);
  EXPECT_TRUE(Equal(Get<Lead>(client, tree.lead.name()).body, tree.lead));

  const auto done = Delete<Lead>(client, tree.lead.name(), true);
  ASSERT_TRUE(done.ok()) << done;
  EXPECT_EQ(std::vector<std::string>(done.body.deleted().begin(), done.body.deleted().end()),
            listed);
  EXPECT_EQ(PreviewDelete<Lead>(client, tree.lead.name()).code, grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(ChangesAfter(client, tree.position).size(), 4u);
}

// | 17 | ES | Restore deleted lead | G 15 W RestoreDeleted(cascade) T lead, task, note, post,
// follows, connections back, same ids | as far as notes and tasks go.
TEST(DeleteTree, UndeleteBringsBackTheWholeTree) {
  const Client client(Server::Shared(), "tree-undelete");
  const Tree tree(client);
  // Gone by itself before: it stays so.
  ASSERT_TRUE(Delete<Note>(client, tree.second_note.name()).ok());
  const auto deleted = Delete<Lead>(client, tree.lead.name(), true);
  ASSERT_TRUE(deleted.ok()) << deleted;
  const auto child_first = Undelete<Note>(client, tree.first_note.name());
  EXPECT_EQ(child_first.code, grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(child_first.reason, "PARENT_DELETED") << child_first;

  const auto back = Undelete<Lead>(client, tree.lead.name());
  ASSERT_TRUE(back.ok()) << back;
  EXPECT_TRUE(Equal(Get<Lead>(client, tree.lead.name()).body, back.body));
  EXPECT_TRUE(Equal(WithoutVersion(back.body), WithoutVersion(tree.lead)));
  EXPECT_EQ(back.body.etag(), "3") << "the deletion was a version too";
  EXPECT_TRUE(Equal(WithoutVersion(Get<Note>(client, tree.first_note.name()).body),
                    WithoutVersion(tree.first_note)));
  EXPECT_TRUE(
      Equal(WithoutVersion(Get<Task>(client, tree.task.name()).body), WithoutVersion(tree.task)));
  EXPECT_TRUE(IsGone<Note>(client, tree.second_note.name()));
  EXPECT_EQ(Count<Note>(client, "regarding = \"" + tree.lead.name() + '"'), 1);
  EXPECT_EQ(Count<Lead>(client), 2);
  EXPECT_EQ(Count<Task>(client), 1);

  const auto before = Verify(client);
  const auto again = Undelete<Lead>(client, tree.lead.name());
  EXPECT_EQ(again.code, grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(again.reason, "NOT_DELETED") << again;
  EXPECT_EQ(Verify(client), before);
  const Changes changes = ChangesAfter(client, deleted.position());
  ASSERT_EQ(changes.size(), 3u);
  EXPECT_EQ(changes.leads.at(0).change().event(), "crm.sales.v1.lead.undeleted");
  EXPECT_EQ(changes.notes.at(0).change().event(), "crm.activity.v1.note.undeleted");
  EXPECT_EQ(changes.tasks.at(0).change().event(), "crm.activity.v1.task.undeleted");
}

}  // namespace
}  // namespace crm::test
