#include "tests/chaos/load.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>

#include "tests/server/records.h"

namespace crm::test {
namespace {

using Time = std::chrono::steady_clock;
using std::chrono::milliseconds;

// A command that has not succeeded by then is given up; whether it was done, nobody knows.
constexpr auto kPatience = std::chrono::seconds(30);
constexpr auto kPauseAfterFailure = milliseconds(20);
constexpr auto kPauseBetween = milliseconds(5);
constexpr int kCreateTimeoutMs = 10'000;

int64_t Now() {
  return std::chrono::duration_cast<std::chrono::microseconds>(Time::now().time_since_epoch())
      .count();
}

}  // namespace

Load::Load(Cluster& cluster, Settings settings)
    : cluster_(cluster), settings_(settings), wanted_(cluster.size()) {
  for (auto& wanted : wanted_) wanted = true;
  for (const std::string& tenant : Cluster::Tenants()) {
    for (size_t i = 0; i < cluster.size(); ++i) clients_[tenant].emplace_back(cluster[i], tenant);
  }
  std::cout << "seed " << settings.seed << std::endl;
}

Load::~Load() { End(); }

void Load::Create() {
  for (int i = 0; i < settings_.leads; ++i) {
    Subject subject;
    subject.tenant = Cluster::Tenants()[static_cast<size_t>(i) % Cluster::Tenants().size()];
    auto request = RequestFor<sales::v1::CreateLeadRequest>(NewLead("Popescu", "v0"));
    request.set_request_id("create" + std::to_string(i));
    Lead lead;
    Outcome outcome;
    const auto end = Time::now() + kPatience;
    do {
      outcome = clients_[subject.tenant][0]
                    .Within(std::chrono::milliseconds(kCreateTimeoutMs))
                    .CallInto(OneOf<Lead>("Create"), request, &lead);
    } while (MayBeTriedAgain(outcome) && Time::now() < end);
    ASSERT_TRUE(outcome.ok()) << outcome;
    subject.name = lead.name();
    subjects_.push_back(std::move(subject));
  }
}

void Load::Begin() {
  Create();
  for (int i = 0; i < settings_.clients; ++i) threads_.emplace_back([this, i] { Run(i); });
}

void Load::End() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    changed_.notify_all();
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void Load::AwaitCommands(int count) {
  std::unique_lock lock(mutex_);
  const bool came = changed_.wait_for(lock, 2 * kPatience, [&] { return commands_ >= count; });
  EXPECT_TRUE(came) << commands_ << " of " << count << " commands";
}

Load::Figures Load::figures() {
  const std::lock_guard lock(mutex_);
  return figures_;
}

bool Load::Pause(milliseconds time) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, time, [this] { return ending_; });
}

const Client& Load::ClientFor(Random& random, const std::string& tenant) {
  const auto& clients = clients_.at(tenant);
  for (int tries = 0; tries < 20; ++tries) {
    const size_t instance = random() % clients.size();
    if (wanted_[instance]) return clients[instance];
  }
  return clients.front();
}

void Load::Run(int client) {
  Random random(settings_.seed * 1000 + static_cast<uint64_t>(client));
  while (Pause(kPauseBetween) && !subjects_.empty()) {
    Subject& subject = subjects_[random() % subjects_.size()];
    if (random() % 2 == 0) {
      Write(random, subject);
    } else {
      Read(random, subject);
    }
  }
}

void Load::Write(Random& random, Subject& subject) {
  const int64_t value = ++last_value_;
  Lead lead;
  lead.set_name(subject.name);
  lead.set_subject("v" + std::to_string(value));
  auto request = RequestFor<sales::v1::UpdateLeadRequest>(lead);
  request.mutable_update_mask()->add_paths("subject");
  request.set_request_id("w" + std::to_string(value));
  Operation operation{Operation::Kind::kWrite, value, Now(), kNever};
  const auto end = Time::now() + kPatience;
  while (Time::now() < end) {
    const Outcome outcome = ClientFor(random, subject.tenant)
                                .Within(std::chrono::milliseconds(settings_.timeout_ms))
                                .CallInto(OneOf<Lead>("Update"), request, &lead);
    if (outcome.ok()) operation.ended = Now();
    std::unique_lock lock(mutex_);
    ++figures_.attempts;
    if (outcome.ok()) break;
    EXPECT_TRUE(MayBeTriedAgain(outcome)) << outcome;
    ++figures_.unavailable;
    // Even at the end: what was begun is worth knowing.
    changed_.wait_for(lock, kPauseAfterFailure);
  }
  const std::lock_guard lock(mutex_);
  subject.history.push_back(operation);
  if (operation.ended == kNever) {
    subject.unknown.insert(value);
    return;
  }
  subject.acknowledged.insert(value);
  ++commands_;
  ++figures_.commands;
  figures_.slowest_us = std::max(figures_.slowest_us, operation.ended - operation.invoked);
  changed_.notify_all();
}

void Load::Read(Random& random, Subject& subject) {
  record::v1::GetRequest request;
  request.set_name(subject.name);
  const bool patient = random() % 4 == 0;
  Lead lead;
  Operation operation{Operation::Kind::kRead, 0, Now(), kNever};
  const Outcome outcome = ClientFor(random, subject.tenant)
                              .Within(std::chrono::milliseconds(patient ? settings_.long_timeout_ms
                                                                        : settings_.timeout_ms))
                              .CallInto(OneOf<Lead>("Get"), request, &lead);
  operation.ended = Now();
  EXPECT_TRUE(outcome.ok() || MayBeTriedAgain(outcome)) << outcome;
  if (!outcome.ok()) return;
  operation.value = std::stoll(lead.subject().substr(1));
  const std::lock_guard lock(mutex_);
  subject.history.push_back(operation);
}

}  // namespace crm::test
