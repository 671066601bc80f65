#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/simulation/machine.h"
#include "tests/simulation/operation.h"

namespace crm::simulation {

// What clients have been told so far, of one tenant.
struct Knowledge {
  std::map<std::string, std::vector<std::string>> names;  // by collection
  std::map<std::string, std::string> etags;               // by name; perhaps no longer current
  std::string position;                                   // of the newest answer
  std::vector<std::string> request_ids;                   // used before

  void Learn(const Operation& operation, const rpc::Answer& answer);
  void LearnName(const std::string& name);
};

// Draws what clients want: few records, many conflicts.
class Workload {
 public:
  explicit Workload(uint64_t seed) : dice_(seed) {}

  // Fills in path, request and what else belongs to it; tenant, user and number are given.
  void Draw(const Knowledge& knowledge, Operation* operation);
  // A change that can only succeed.
  void DrawLast(Operation* operation);
  // A read of one record that is there in most runs, at its default consistency.
  static void Get(const std::string& name, Operation* operation);

  static std::string ChosenId(size_t number);

 private:
  void DrawRead(const Knowledge& knowledge, Operation* operation);
  void DrawBatch(const Knowledge& knowledge, Operation* operation);
  void DrawLeadCommand(const Knowledge& knowledge, Operation* operation);
  void DrawChild(const Knowledge& knowledge, Operation* operation);
  void DrawNamed(const Knowledge& knowledge, const std::string& collection, Operation* operation);
  template <class Record>
  void FillLead(Record* lead);
  std::string Lead(const Knowledge& knowledge);
  std::string Pick(const Knowledge& knowledge, const std::string& collection);
  std::string Etag(const Knowledge& knowledge, const std::string& name);
  std::string RequestId(const Knowledge& knowledge, const Operation& operation);
  template <class Request>
  void Finish(const Knowledge& knowledge, const std::string& path, Request request,
              Operation* operation);

  Dice dice_;
  int texts_ = 0;
};

}  // namespace crm::simulation
