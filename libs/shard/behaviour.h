#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

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

  // Asked before a record of the collection is deleted, alone or with others.
  void Keep(std::string collection, KeepFunction function) {
    keep_[std::move(collection)] = function;
  }

  const CommandFunction* FindCommand(const std::string& method) const {
    auto found = commands_.find(method);
    return found == commands_.end() ? nullptr : &found->second;
  }
  DeriveFunction FindDerive(const std::string& collection) const {
    auto found = derive_.find(collection);
    return found == derive_.end() ? nullptr : found->second;
  }
  KeepFunction FindKeep(const std::string& collection) const {
    auto found = keep_.find(collection);
    return found == keep_.end() ? nullptr : found->second;
  }

 private:
  std::map<std::string, CommandFunction> commands_;
  std::map<std::string, DeriveFunction> derive_;
  std::map<std::string, KeepFunction> keep_;
};

}  // namespace crm::shard
