#include "tests/crash/worker.h"

#include <gtest/gtest.h>

#include "tests/server/filled.h"

namespace crm::test {
namespace {

constexpr size_t kRemembered = 20;

template <class Record>
std::string BodyOf(const Record& record) {
  return WithoutVersion(record).SerializeAsString();
}

bool IsNote(const std::string& name) { return name.starts_with("notes/"); }

// `alive` and version of a record as it is now.
template <class Record>
Expected Found(const Client& client, const std::string& name) {
  const auto answer = Get<Record>(client, name);
  EXPECT_TRUE(answer.ok() || answer.code == grpc::StatusCode::NOT_FOUND) << answer;
  if (!answer.ok()) return {};
  return {true, std::stoi(answer.body.etag()), BodyOf(answer.body)};
}

Expected Found(const Client& client, const std::string& name) {
  return IsNote(name) ? Found<Note>(client, name) : Found<Lead>(client, name);
}

}  // namespace

void Progress::Confirmed() {
  const std::lock_guard lock(mutex_);
  ++confirmed_;
  changed_.notify_all();
}

void Progress::Ended() {
  const std::lock_guard lock(mutex_);
  ++ended_;
  changed_.notify_all();
}

void Progress::Await(int confirmed, int ended) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return confirmed_ >= confirmed || ended_ >= ended; });
}

Worker::Worker(std::string tenant, int number)
    : tenant_(std::move(tenant)), number_(number), random_(static_cast<unsigned>(number)) {}

int Worker::alive_leads() const {
  int alive = 0;
  for (const std::string& name : leads_) alive += records_.at(name).alive ? 1 : 0;
  return alive;
}

std::string Worker::NextId() { return IdOf(number_ * 1'000'000 + ++requests_); }

std::string Worker::Any(const std::function<bool(const std::string&)>& fits) {
  for (int tries = 0; tries < 8 && !leads_.empty(); ++tries) {
    const std::string& name = leads_[static_cast<size_t>(Below(static_cast<int>(leads_.size())))];
    if (fits(name)) return name;
  }
  return {};
}

Lead Worker::LeadOf(const std::string& name) const {
  Lead lead;
  EXPECT_TRUE(lead.ParseFromString(records_.at(name).body));
  return lead;
}

void Worker::Keep(const Lead& lead) {
  if (!records_.contains(lead.name())) leads_.push_back(lead.name());
  records_[lead.name()] = {true, std::stoi(lead.etag()), BodyOf(lead)};
}

void Worker::Keep(const Note& note) {
  if (!records_.contains(note.name())) notes_[note.regarding()].push_back(note.name());
  records_[note.name()] = {true, std::stoi(note.etag()), BodyOf(note)};
}

void Worker::Send(const Client& client, Operation* operation, Progress* progress) {
  const Outcome outcome =
      client.CallBytes(operation->path, operation->request, &operation->response);
  if (outcome.code == grpc::StatusCode::UNAVAILABLE) {
    interrupted_ = true;
    return;
  }
  EXPECT_TRUE(outcome.ok()) << operation->path << ' ' << outcome;
  operation->confirm(*operation);
  progress->Confirmed();
}

void Worker::Work(const Server& server, Progress* progress) {
  const Client client(server, tenant_);
  while (!interrupted_ && !testing::Test::HasFailure()) {
    open_ = Next();
    Send(client, &open_, progress);
    if (interrupted_) break;
    confirmed_.push_back(open_);
    if (confirmed_.size() > kRemembered) confirmed_.pop_front();
  }
  progress->Ended();
}

void Worker::CheckRecord(const Client& client, const std::string& name) const {
  const Expected& expected = records_.at(name);
  const Expected found = Found(client, name);
  EXPECT_EQ(found.alive, expected.alive) << name;
  if (!expected.alive || !found.alive) return;
  EXPECT_EQ(found.version, expected.version) << name;
  EXPECT_EQ(found.body, expected.body) << name;
}

void Worker::CompleteInterrupted(const Client& client) {
  interrupted_ = false;
  // All of it has happened, or nothing.
  size_t happened = 0;
  for (const auto& [name, after] : open_.after) {
    const Expected found = Found(client, name);
    const bool is_after =
        found.alive == after.alive && (!found.alive || found.version == after.version);
    happened += is_after ? 1 : 0;
    if (!is_after && records_.contains(name)) CheckRecord(client, name);
    if (!is_after && !records_.contains(name)) {
      EXPECT_FALSE(found.alive) << name;
    }
  }
  EXPECT_TRUE(happened == 0 || happened == open_.after.size())
      << open_.path << ": " << happened << " of " << open_.after.size();
  acted_ += happened > 0 ? 1 : 0;
  const Outcome outcome = client.CallBytes(open_.path, open_.request, &open_.response);
  ASSERT_TRUE(outcome.ok()) << open_.path << ' ' << outcome;
  open_.confirm(open_);
  for (const auto& [name, after] : open_.after) {
    EXPECT_EQ(records_.at(name).version, after.version) << name;
    CheckRecord(client, name);
  }
  confirmed_.push_back(open_);
}

void Worker::Repeat(const Client& client, const Operation& operation) const {
  std::string response;
  const Outcome outcome = client.CallBytes(operation.path, operation.request, &response);
  EXPECT_TRUE(outcome.ok()) << operation.path << ' ' << outcome;
  EXPECT_EQ(response, operation.response) << operation.path;
}

void Worker::Check(const Server& server) {
  const Client client(server, tenant_);
  if (interrupted_) CompleteInterrupted(client);
  for (const Operation& operation : confirmed_) Repeat(client, operation);
  CheckAll(client);
}

void Worker::CheckAll(const Client& client) const {
  for (const auto& [name, expected] : records_) CheckRecord(client, name);
}

}  // namespace crm::test
