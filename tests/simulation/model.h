#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "crm/record/v1/methods.pb.h"
#include "crm/sales/v1/lead.pb.h"
#include "tests/simulation/operation.h"

// What the service must do, written down a second time: a map of records, and what each operation
// makes of it. It knows the messages' generated classes and nothing of the libraries.
namespace crm::simulation {

struct Record {
  std::string image;  // of a deleted one: the last
  bool deleted = false;
  size_t deleted_in = 0;  // the commit that did it
};

// All records that ever were, by tenant and name.
using State = std::map<std::pair<std::string, std::string>, std::shared_ptr<const Record>>;

struct Effect {
  std::string name;
  std::string event;  // `updated`
  std::string image;  // empty: deleted
};

struct Decision {
  std::string reason;  // why not; empty: done
  std::vector<Effect> effects;
  std::vector<std::string> images;  // of the records that are answered with
  std::string response;             // of commands of the trade
};

// The state that a commit leaves.
State After(const State& before, const std::string& tenant, const std::vector<Effect>& effects,
            size_t commit);

class Decider {
 public:
  // `new_names`: names of the records that were created without a chosen id, in order; where they
  // run out, any name will do.
  Decider(const Operation& operation, const State& state, int64_t time_us,
          std::vector<std::string> new_names);

  Decision Decide();

 private:
  using Message = google::protobuf::Message;

  // model.cc
  const Record* Find(const std::string& name) const;
  bool Alive(const std::string& name) const;
  bool Refuse(const std::string& reason);
  void Stage(const std::string& name, const std::string& event, Message* after, uint64_t etag);
  std::string TakeNewName(const std::string& collection);

  // model_standard.cc: each is false when it was refused
  template <class Request, class Act>
  void On(const std::string& method, Act act);
  bool Create(const std::string& collection, const std::string& chosen_id, const Message& record);
  bool Update(const Message& record, const google::protobuf::FieldMask& mask);
  void Delete(const record::v1::DeleteRequest& request);
  void Undelete(const record::v1::NameRequest& request);
  std::vector<std::string> ChildrenOf(const std::string& lead) const;

  // model_lead.cc
  void Disqualify(const sales::v1::DisqualifyLeadRequest& request);
  void Reactivate(const sales::v1::ReactivateLeadRequest& request);

  const Operation& operation_;
  const State& state_;
  const int64_t time_us_;
  const std::vector<std::string> new_names_;
  size_t next_name_ = 0;
  std::map<std::string, Record> staged_;
  Decision decision_;
};

// ---- of records as messages
std::string CollectionOf(const std::string& name);
std::unique_ptr<google::protobuf::Message> ParseRecord(const std::string& collection,
                                                       const std::string& image);
std::string TextOf(const google::protobuf::Message& record, const std::string& field);
int OptionOf(const google::protobuf::Message& record, const std::string& field);
void SetText(google::protobuf::Message* record, const std::string& field, const std::string& text);
void SetOption(google::protobuf::Message* record, const std::string& field, int number);
void SetTime(google::protobuf::Message* record, const std::string& field, int64_t time_us);
uint64_t EtagOf(const std::string& name, const std::string& image);

}  // namespace crm::simulation
