#pragma once

#include <google/protobuf/message.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libs/shard/shard.h"
#include "tests/simulation/misfortune.h"
#include "tests/simulation/process.h"

namespace crm::simulation {

// Processes around one partition of a log on which everything goes wrong, for one client that wants
// one thing after the other and asks until it knows what became of it. It has the methods of
// CalmShard that shard::RandomTree uses.
class TreeWorld {
 public:
  struct Outcome {
    record::Status status;
  };
  TreeWorld(const record::Catalogue& catalogue, uint64_t seed, shard::Limits limits);

  shard::Behaviours behaviours;
  void Start();

  Outcome Create(const google::protobuf::Message& record);
  Outcome Update(const google::protobuf::Message& record, const std::vector<std::string>& paths);
  Outcome Delete(const std::string& name);
  Outcome Undelete(const std::string& name);
  Outcome Call(const std::string& path, google::protobuf::Message& request);

  // As a process shows it that has applied everything that was answered. The record's image; empty:
  // it is deleted or hidden, or never was.
  std::string Find(const std::string& name);
  // Whether a delete, a merge or a way back is under way.
  bool Busy();
  void StepOnce();
  // A process crashes, with or without its projections, or another one takes over.
  void Restart();

  // Faults end. What is wrong with the processes, compared with each other and with what is built
  // from the log alone; empty: nothing.
  std::string Trouble();

 private:
  void Tick();
  void Calm(bool calm);  // nothing fails for a while
  Outcome Ask(const std::string& path, const std::string& request);
  std::optional<rpc::Answer> Try(const std::string& path, const std::string& request);
  Process& UpToDate();
  const store::View& View() { return UpToDate().store().latest(); }

  const record::Catalogue& catalogue_;
  Dice dice_;
  Dice log_dice_;
  WorldTime time_;
  Findings findings_;
  const log::SimulatedFaults faults_;
  log::SimulatedLog log_;
  const Surroundings in_;
  std::vector<std::unique_ptr<Process>> processes_;
  Misfortune misfortune_;
  bool calm_ = false;
  int requests_ = 0;
  int64_t answered_ = -1;  // the newest position that an answer carried
};

}  // namespace crm::simulation
