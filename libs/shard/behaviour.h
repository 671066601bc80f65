#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/shard/draft.h"
#include "libs/shard/transaction.h"

namespace crm::shard {

// A command of the trade on its canonical request: the response's bytes, or why not.
using CommandFunction =
    std::function<record::Status(std::string_view request, Transaction& tx, std::string* response)>;

// Sets the fields of a record that follow from its others, and refuses what its trade's rules
// forbid whoever writes it. Called for every record that is about to be written by a standard
// method or a command, after its defaults are set.
using DeriveFunction = std::optional<Refusal> (*)(Draft& draft, const Transaction& tx);

// An event of a service's log, as a reactor sees it.
struct SourceEvent {
  std::string cause;  // its place: `sales/3@1234`
  std::string tenant;
  std::string type;  // `crm.sales.v1.lead.created`
  std::string name;  // of the record
  std::string actor;
  std::string traceparent;
  record::Instant time = 0;
  std::string image;  // the record after it; empty: it is deleted

  template <class Message>
  Message As() const {
    Message message;
    message.ParseFromString(image);
    return message;
  }
};

// What a service does when an event arrives, its own or another service's: everything that it puts
// is one commit, which has the event as its cause, and happens once.
using ReactFunction = std::optional<Refusal> (*)(const SourceEvent& event, Transaction& tx);
struct Reactor {
  std::string name;                // lower case and hyphens; it is in the log, so it is for ever
  std::string service;             // whose events
  std::vector<std::string> types;  // of events; empty: all
  std::string event;               // what Event::kOfCommand means, such as `greeting.sent`
  ReactFunction function = nullptr;
};

// A record of whose times one has been reached.
struct Waking {
  std::string name;
  std::string field;        // one of those that its type's `wake` names
  record::Instant due = 0;  // its value
  std::string image;

  template <class Message>
  Message As() const {
    Message message;
    message.ParseFromString(image);
    return message;
  }
};

// What happens then. It must change the time, or the record would be due for ever.
using WakeFunction = std::optional<Refusal> (*)(const Waking& waking, Transaction& tx);
struct BoundWake {
  std::string event;  // what Event::kOfCommand means
  WakeFunction function = nullptr;
};
// Puts what a new record can not be without; called after a standard method has put that one.
using AccompanyFunction = std::optional<Refusal> (*)(std::string_view image, Transaction& tx);
// Refuses to let a record go that its trade can not do without.
using KeepFunction = std::optional<Refusal> (*)(std::string_view image, const Transaction& tx);

// The C++ code of record types, by what calls it. Services fill it; see services/sales/sales.cc.
class Behaviours {
 public:
  // `method`: `/crm.sales.v1.Leads/DisqualifyLead`.
  template <class Request, class Response>
  void Bind(std::string method, Refusable<Response> (*function)(const Request&, Transaction&)) {
    commands_[std::move(method)] = [function](std::string_view bytes, Transaction& tx,
                                              std::string* response) -> record::Status {
      Request request;
      if (!request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        return record::MakeStatus(record::kInvalidArgument, "MALFORMED_REQUEST",
                                  "The request is no message of its type.");
      }
      Refusable<Response> result = function(request, tx);
      if (!result) return tx.StatusOf(result.refusal());
      *response = result->SerializeAsString();
      return {};
    };
  }
  void Derive(std::string collection, DeriveFunction function) {
    derive_[std::move(collection)] = function;
  }
  void React(Reactor reactor) { reactors_.push_back(std::move(reactor)); }
  void Wake(std::string collection, std::string field, std::string event, WakeFunction function) {
    wakes_[{std::move(collection), std::move(field)}] = {std::move(event), function};
  }

  const std::vector<Reactor>& reactors() const { return reactors_; }
  const BoundWake* FindWake(const std::string& collection, const std::string& field) const {
    auto found = wakes_.find({collection, field});
    return found == wakes_.end() ? nullptr : &found->second;
  }
  // Asked before a record of the collection is deleted, alone or with others.
  void Keep(std::string collection, KeepFunction function) {
    keep_[std::move(collection)] = function;
  }

  void Accompany(std::string collection, AccompanyFunction function) {
    accompany_[std::move(collection)] = function;
  }

  const CommandFunction* FindCommand(const std::string& method) const {
    auto found = commands_.find(method);
    return found == commands_.end() ? nullptr : &found->second;
  }
  DeriveFunction FindDerive(const std::string& collection) const {
    auto found = derive_.find(collection);
    return found == derive_.end() ? nullptr : found->second;
  }
  AccompanyFunction FindAccompany(const std::string& collection) const {
    auto found = accompany_.find(collection);
    return found == accompany_.end() ? nullptr : found->second;
  }
  KeepFunction FindKeep(const std::string& collection) const {
    auto found = keep_.find(collection);
    return found == keep_.end() ? nullptr : found->second;
  }

 private:
  std::map<std::string, CommandFunction> commands_;
  std::map<std::string, DeriveFunction> derive_;
  std::vector<Reactor> reactors_;
  std::map<std::pair<std::string, std::string>, BoundWake> wakes_;  // by collection and field
  std::map<std::string, KeepFunction> keep_;
  std::map<std::string, AccompanyFunction> accompany_;
};

}  // namespace crm::shard
