#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crm/identity/v1/tenant.pb.h"
#include "libs/record/key.h"
#include "libs/record/name.h"
#include "libs/shard/behaviour.h"

// What the rules of several record types ask.
namespace crm::identity {

// The live record of this name, also where nothing may be written.
template <class Message>
std::optional<Message> Look(const shard::Transaction& tx, std::string_view name) {
  const auto* type = tx.catalogue().FindTypeByMessage(Message::descriptor()->full_name());
  auto parsed = record::Name::Parse(name);
  if (type == nullptr || !parsed || parsed->collection != type->collection) return std::nullopt;
  auto image = tx.Find(*type, parsed->id);
  Message message;
  if (!image || image->empty() || !message.ParseFromString(*image)) return std::nullopt;
  return message;
}

// A draft as it would be written.
template <class Message>
Message AsWritten(const shard::Draft& draft) {
  Message message;
  message.ParseFromString(draft.Build());
  return message;
}

// The rules of an organization hold from its founding on; before, its records are records like any.
inline bool IsFounded(const shard::Transaction& tx) {
  return !tx.FindBy<v1::Tenant>("founded", {"true"}).empty();
}

// The live records of a type that refer to `name` with this field, also where nothing may be
// written.
template <class Message>
std::vector<Message> Referring(const shard::Transaction& tx, std::string_view field,
                               std::string_view name) {
  std::vector<Message> messages;
  const auto* type = tx.catalogue().FindTypeByMessage(Message::descriptor()->full_name());
  const record::Field* reference = type->Find(field);
  for (const record::Index& index : type->indexes) {
    if (index.by.front().front() != reference || index.by.front().size() != 1) continue;
    for (const record::Uuid& id :
         tx.FindByIndex(*type, index, *record::EncodeValue(*reference, name))) {
      auto image = tx.Find(*type, id);
      if (image && !image->empty()) messages.emplace_back().ParseFromString(*image);
    }
    break;
  }
  return messages;
}

// Whether the caller's roles have a privilege that is about no record type.
std::optional<shard::Refusal> CheckPrivilege(const std::string& privilege,
                                             const shard::Transaction& tx);
// Whether somebody new may come into the unit.
std::optional<shard::Refusal> CheckEnabled(std::string_view unit, const shard::Transaction& tx);

// Adds what is not there yet.
template <class List, class More>
void AddAll(const More& more, List* list) {
  for (const auto& one : more) {
    if (std::find(list->begin(), list->end(), one) == list->end()) list->Add()->assign(one);
  }
}

template <class List, class Less>
void RemoveAll(const Less& less, List* list) {
  List left;
  for (const auto& one : *list) {
    if (std::find(less.begin(), less.end(), one) == less.end()) left.Add()->assign(one);
  }
  list->Swap(&left);
}

// A command that changed nothing but the named record answers with its name and new etag.
template <class Response, class Message>
shard::Refusable<Response> Written(const Message& message, shard::Transaction& tx) {
  if (auto refusal = tx.Put(message)) return *refusal;
  Response response;
  response.set_name(message.name());
  response.set_etag(tx.Get<Message>(message.name())->etag());
  return response;
}

}  // namespace crm::identity
