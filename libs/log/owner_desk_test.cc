#include <sstream>

#include "libs/log/owner_world.h"

// What one process of the world does, for owner_world_test.cc.
namespace crm::log::world {
namespace {

std::string ValueOf(const std::string& command, int key, int version,
                    const std::map<int, int>& read) {
  std::ostringstream text;
  text << command << ' ' << key << ' ' << version;
  for (const auto& [read_key, read_version] : read) text << ' ' << read_key << ' ' << read_version;
  return text.str();
}
}  // namespace

Told ReadTold(const Stored& event) {
  const auto parts = SplitBody(*event.body);
  Envelope envelope;
  envelope.ParseFromArray(parts->envelope.data(), static_cast<int>(parts->envelope.size()));
  Told told;
  told.count = envelope.commit_count();
  std::istringstream text{std::string(parts->value)};
  text >> told.command >> told.key >> told.version;
  for (int key = 0, version = 0; text >> key >> version;) told.read[key] = version;
  return told;
}

void Versions::Apply(std::span<const Commit> commits, const Automaton::State& after) {
  for (const Commit& commit : commits) {
    for (const Stored& event : commit.events) {
      const Told told = ReadTold(event);
      versions[told.key] = told.version;
      if (&event == &commit.events.back()) {
        this->commands.insert(told.command);
        history.push_back(told.command);
      }
    }
  }
  saved_ = after;
}

Desk::Desk(World* world, int number) : world_(world), number_(number) { Crash(); }

void Desk::Crash() {
  owner.reset();
  world_->Forget(this);
  pending_.clear();
  reads_.clear();
  overlay_.clear();
  epoch_ = 0;
  paused_until = 0;
  if (world_->random.Chance(0.3)) shown = Versions();  // the projections are gone, too
  Owner::Options options;
  options.address = "desk" + std::to_string(number_);
  options.mutations = world_->mutations;
  owner =
      std::make_unique<Owner>(options, world_->log, shown, world_->clock, world_->random, [] {});
}

void Desk::Step() {
  if (world_->random.Chance(0.5)) StepReads();
  owner->Step();
  if (owner->role() == Owner::Role::kStopped) world_->wrong = "stopped: " + owner->trouble();
  Answer();
  StepReads();
  if (owner->may_append() && world_->random.Chance(0.5)) Decide();
}

void Desk::Answer() {
  while (!pending_.empty() && pending_.front().ticket <= owner->confirmed()) {
    world_->Acknowledge(pending_.front().command);
    pending_.erase(pending_.begin());
  }
  if (epoch_ == owner->epoch()) return;
  epoch_ = owner->epoch();
  for (const Pending& each : pending_) each.command->at = nullptr;
  pending_.clear();
  overlay_.clear();
}

void Desk::Decide() {
  if (pending_.size() >= 4) return;
  Command* command = world_->FreeCommand();
  if (command == nullptr) return;
  if (shown.commands.count(command->id) > 0) {
    if (owner->answers()) world_->Acknowledge(command);
    return;
  }
  for (const Pending& each : pending_) {
    if (each.command == command) return;
  }
  auto version = [this](int key) {
    const auto over = overlay_.find(key);
    if (over != overlay_.end()) return over->second;
    const auto found = shown.versions.find(key);
    return found == shown.versions.end() ? 0 : found->second;
  };
  std::map<int, int> read{{command->looks_at, version(command->looks_at)}};
  for (const int key : command->writes) read[key] = version(key);
  std::vector<Owner::NewEvent> events;
  for (const int key : command->writes) {
    overlay_[key] = read[key] + 1;
    auto& event = events.emplace_back();
    event.envelope.set_type("crm.sales.v1.lead.updated");
    event.value = ValueOf(command->id, key, read[key] + 1, read);
  }
  command->at = this;
  pending_.push_back({command, owner->Append(std::move(events))});
  owner->Flush();
}

void Desk::StepReads() {
  auto& random = world_->random;
  if (owner->role() == Owner::Role::kOwner && random.Chance(0.4)) {
    reads_.push_back({world_->acknowledged.size(), random.Chance(0.5), false, false, {}});
  }
  if (owner->role() == Owner::Role::kOwner && random.Chance(0.05)) {
    owner->AwaitConfirmation([this, before = world_->acknowledged.size()](bool confirmed) {
      if (confirmed) world_->CheckRead(before, shown.commands);
    });
  }
  if (reads_.empty()) return;
  DefaultRead& read = reads_.front();
  if (read.look_first != read.half) {
    read.seen = shown.commands;
  } else {
    read.valid = owner->lease().Valid(world_->clock.Boottime());
  }
  if (!read.half) {
    read.half = true;
    return;
  }
  if (read.valid) world_->CheckRead(read.acknowledged, read.seen);
  reads_.erase(reads_.begin());
}

}  // namespace crm::log::world
