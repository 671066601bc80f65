#include <gmock/gmock.h>

#include <random>
#include <sstream>

#include "tests/server/records.h"

// Everything but the log may be lost.
namespace crm::test {
namespace {

constexpr char kTenant[] = "r207";
constexpr int kChanges = 600;
constexpr int kQueries = 1000;

// A query, and what it was answered: bytes, without the position that was read at.
struct Query {
  std::string path;
  std::string request;
  std::string answer;
};

class Records {
 public:
  explicit Records(const Client& client) : client_(client) {}

  void ChangeSomething() {
    switch (Below(10)) {
      case 0:
      case 1:
      case 2:
        return Keep(Create(client_, FullLead(Below(1000))), &leads_);
      case 3:
        return Keep(Create(client_, FullNote(Lead(), Below(1000))), &notes_);
      case 4:
        return Keep(Create(client_, FullTask(Lead(), Below(1000))), &tasks_);
      case 5:
      case 6:
        return UpdateLead();
      case 7:
        return Disqualify();
      case 8:
        Delete<test::Lead>(client_, Lead(), true);
        return;
      default:
        Undelete<test::Lead>(client_, Lead());
    }
  }

  Query RandomQuery() {
    switch (Below(6)) {
      case 0:
        return {OneOf<test::Lead>("Get"), GetOf(Lead()), ""};
      case 1:
        return {OneOf<Task>("Get"), GetOf(Any(tasks_)), ""};
      case 2:
        return {OneOf<Note>("List", "History"), HistoryOf(Any(notes_)), ""};
      case 3:
        return {OneOf<test::Lead>("List", "History"), HistoryOf(Lead()), ""};
      case 4:
        return {ManyOf<Note>("List"), ListOf("regarding = \"" + Lead() + '"', false), ""};
      default:
        return {ManyOf<test::Lead>("List"), LeadList(), ""};
    }
  }

 private:
  int Below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }
  std::string Any(const std::vector<std::string>& names) {
    return names.empty() ? "" : names[static_cast<size_t>(Below(static_cast<int>(names.size())))];
  }
  std::string Lead() { return Any(leads_); }

  template <class Record>
  void Keep(const Answer<Record>& created, std::vector<std::string>* names) {
    if (!created.ok()) return;
    names->push_back(created.body.name());
    times_.push_back(created.body.create_time());
  }
  void UpdateLead() {
    test::Lead lead = FullLead(Below(1000));
    lead.set_name(Lead());
    Update(client_, lead);
  }
  void Disqualify() {
    sales::v1::DisqualifyLeadRequest request;
    request.set_name(Lead());
    request.set_close_open_activities(Below(2) == 1);
    client_.Call<sales::v1::DisqualifyLeadResponse>(OneOf<test::Lead>("Disqualify"), request);
  }
  std::string GetOf(const std::string& name) {
    record::v1::GetRequest request;
    request.set_name(name);
    if (Below(2) == 1) *request.mutable_read_time() = Time();
    return request.SerializeAsString();
  }
  std::string HistoryOf(const std::string& name) {
    record::v1::HistoryRequest request;
    request.set_name(name);
    request.set_page_size(Below(5));
    return request.SerializeAsString();
  }
  std::string ListOf(const std::string& filter, bool past) {
    record::v1::ListRequest request;
    request.set_filter(filter);
    request.set_page_size(1 + Below(200));
    request.set_with_total_size(Below(2) == 1);
    if (past) *request.mutable_read_time() = Time();
    return request.SerializeAsString();
  }
  std::string LeadList() {
    static const std::vector<std::string> kNow = {
        "", "last_name > \"3\"", "email = \"person17@example.com\"", "company_name < \"5\""};
    static const std::vector<std::string> kPast = {
        "state = \"STATE_OPEN\"", "state = \"STATE_DISQUALIFIED\" AND status = \"STATUS_LOST\"",
        "state = \"STATE_OPEN\" AND rating = \"RATING_HOT\"", "lead_source = \"SOURCE_WEB\""};
    const bool past = Below(2) == 1;
    return ListOf(Any(past ? kPast : kNow), past);
  }
  google::protobuf::Timestamp Time() {
    return times_[static_cast<size_t>(Below(static_cast<int>(times_.size())))];
  }

  const Client& client_;
  std::mt19937 random_{207};
  std::vector<std::string> leads_, notes_, tasks_;
  std::vector<google::protobuf::Timestamp> times_;
};

// What the client sees, but the position that it was read at.
std::string AnswerTo(const Client& client, const Query& query) {
  std::string body;
  const Outcome outcome = client.CallBytes(query.path, query.request, &body);
  if (!outcome.ok()) return outcome.reason + ": " + outcome.message;
  auto without_position = [&](auto response) {
    EXPECT_TRUE(response.ParseFromString(body));
    response.clear_position();
    return response.DebugString();
  };
  if (query.path == ManyOf<Lead>("List")) return without_position(sales::v1::ListLeadsResponse());
  if (query.path == ManyOf<Note>("List"))
    return without_position(activity::v1::ListNotesResponse());
  return body;
}

// The lines of `crmctl verify` but the one of the position.
std::string PrintedHashes(const Server& server) {
  const Finished printed = Run({CRMCTL_PROGRAM, "--server", server.target(), "--tenant", kTenant,
                                "--user", "ana@example.com", "-o", "table", "verify"});
  EXPECT_EQ(printed.code, 0) << printed.output;
  std::istringstream in(printed.output);
  std::string hashes;
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("position ")) hashes += line + '\n';
  }
  EXPECT_NE(hashes, "");
  return hashes;
}

// | 207 | ES | Rebuild determinism | G log W rebuild projection twice T identical hash |
TEST(Acceptance, R207_RebuildingGivesTheSame) {
  Server server;
  const Client client(server, kTenant);
  Records records(client);
  for (int i = 0; i < kChanges; ++i) records.ChangeSomething();
  std::vector<Query> queries;
  size_t found = 0;
  for (int i = 0; i < kQueries; ++i) {
    queries.push_back(records.RandomQuery());
    queries.back().answer = AnswerTo(client, queries.back());
    found += queries.back().answer.size() > 200 ? 1 : 0;
  }
  EXPECT_GT(found, static_cast<size_t>(kQueries) / 2) << "most queries shall find something";
  const auto hashes = Verify(client);
  const std::string printed = PrintedHashes(server);
  EXPECT_GE(hashes.size(), 9u);

  for (int rebuild = 0; rebuild < 2; ++rebuild) {
    SCOPED_TRACE(rebuild);
    EXPECT_EQ(server.Stop(), 0) << server.Output();
    server.DeleteProjections();
    server.Start();
    const Client again(server, kTenant);
    EXPECT_EQ(Verify(again), hashes);
    EXPECT_EQ(PrintedHashes(server), printed);
    for (const Query& query : queries)
      EXPECT_EQ(AnswerTo(again, query), query.answer) << query.path;
  }
}

}  // namespace
}  // namespace crm::test
