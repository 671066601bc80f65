#pragma once

#include <google/protobuf/message.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "libs/log/owner.h"
#include "libs/record/catalogue.h"
#include "libs/record/clock.h"
#include "libs/record/name.h"
#include "libs/record/status.h"
#include "libs/shard/command.h"
#include "libs/shard/overlay.h"
#include "libs/shard/refusal.h"
#include "libs/store/hiding.h"
#include "libs/store/view.h"

namespace crm::shard {

class Behaviours;
class Rates;
struct Limits;

// What happened to a record, where it is not the command's own event.
enum class Event {
  kOfCommand,  // as the method's `command` option says
  kCreated,
  kUpdated,
  kDeleted,
  kUndeleted,
  kAssigned,
  kShared,
  kUnshared,
  kMerged,
  kUnmerged,
  kReparented,
  kUnlinked,
  kRelinked,
  kCanceled,
};
std::string_view EventName(Event event);

// Types of other services' records that are kept here as well.
using Replicated = std::set<const record::RecordType*>;

// What a command is decided with: besides its request, nothing else. Reading sees every command
// decided before; what is put becomes one commit.
class Transaction {
 public:
  struct Context {
    const record::Catalogue& catalogue;
    const Behaviours& behaviours;
    const store::View& view;
    std::optional<store::TenantEntry> tenant;  // what the view has of the command's tenant
    Overlay& overlay;
    Rates& rates;
    record::Random& random;
    const Replicated& replicas;
    const Limits& limits;
    const std::string& service;
    const std::string& source;
    const std::string& dataschema;
  };
  // `time`: the tenant's clock for this command.
  Transaction(const Context& context, const Command& command, record::Instant time);

  record::Instant time() const { return time_; }
  const Principal& principal() const { return command_.principal; }
  // Whose rights count; null: it may do everything.
  const access::Subject* subject() const { return command_.subject; }
  record::Uuid NewId();
  // Of a record that the command is about to create.
  record::Uuid NewRecordId(const record::RecordType& type);

  // ---- for behaviours: typed records by name
  // The live record, or a NOT_FOUND refusal. Also checks the request's etag, if it has one, against
  // the record: pass `request.etag()`.
  template <class Message>
  Refusable<Message> Get(std::string_view name, std::string_view etag = "") {
    std::optional<Refusal> refusal;
    Message message;
    std::string image = Load(name, Message::descriptor()->full_name(), etag, &refusal);
    if (refusal) return *refusal;
    message.ParseFromString(image);
    return message;
  }
  // A changed record goes back, or a new one comes in, with the standard fields and checks of its
  // type. A record that did not change leaves no event.
  template <class Message>
  std::optional<Refusal> Put(const Message& message, Event event = Event::kOfCommand) {
    return PutBytes(Message::descriptor()->full_name(), message.SerializeAsString(), event);
  }
  // A record that the command is going to put: others may refer to it before it is there.
  void Announce(std::string name) { announced_.insert(std::move(name)); }
  bool IsAnnounced(std::string_view name) const { return announced_.contains(name); }
  // The live records of a type that refer to `name` with this field.
  template <class Message>
  std::vector<Message> Referring(std::string_view field, std::string_view name) {
    std::vector<Message> messages;
    for (const std::string& image :
         ReferringImages(Message::descriptor()->full_name(), field, name)) {
      messages.emplace_back().ParseFromString(image);
    }
    return messages;
  }
  // The live records of a type that have exactly these values, written as in a filter, in an index
  // that is unique or declared `decides`.
  template <class Message>
  std::vector<Message> FindBy(std::string_view index,
                              const std::vector<std::string>& values) const {
    std::vector<Message> messages;
    for (const std::string& image : ImagesBy(Message::descriptor()->full_name(), index, values)) {
      messages.emplace_back().ParseFromString(image);
    }
    return messages;
  }
  // A refusal's text names fields of this record.
  template <class Message>
  Refusal About(Refusal refusal, const Message& message) const {
    refusal.collection = TypeOf(Message::descriptor()->full_name()).collection;
    refusal.image = message.SerializeAsString();
    return refusal;
  }
  record::Status StatusOf(const Refusal& refusal) const;

  // ---- for the standard methods: images
  const record::Catalogue& catalogue() const { return context_.catalogue; }
  const Command& command() const { return command_; }
  const Limits& limits() const { return context_.limits; }
  const Behaviours& behaviours() const { return context_.behaviours; }
  const store::View& view() const { return context_.view; }
  std::optional<store::TenantNumber> tenant_number() const { return tenant_number_; }
  // What currencies are worth for others; null once the command itself has changed one.
  Rates* rates() const { return changes_rates_ ? nullptr : &context_.rates; }

  // Whether a reference to the type must lead to somebody: the service hosts them, or keeps
  // replicas. Who somebody is, is for identity to know: its replicas are there to decide by.
  bool Knows(const record::RecordType& type) const;
  // Whether they are this service's own.
  bool Hosts(const record::RecordType& type) const { return type.HostedBy(context_.service); }
  // Image; empty for a deleted record; nullopt if there never was one.
  std::optional<std::string> Find(const record::RecordType& type, const record::Uuid& id) const;
  // The same, but records that are hidden while a delete or a return is under way are there.
  std::optional<std::string> FindHidden(const record::RecordType& type,
                                        const record::Uuid& id) const;
  // The live record that a request names; `etag`: the one that it must have; empty: any.
  record::Status FindNamed(const record::RecordType& type, std::string_view name,
                           std::string_view etag, std::string* image) const;
  // Live records whose index begins with exactly these values.
  std::set<record::Uuid> FindByIndex(const record::RecordType& type, const record::Index& index,
                                     const std::string& values) const;
  // The record becomes `after` (without the standard fields that every event changes; they are set
  // here), by an event of this name. `etag`: its new version.
  record::Status Stage(const record::RecordType& type, const record::Uuid& id,
                       std::string_view before, std::string after, std::string_view event,
                       uint64_t etag);
  record::Status StageDelete(const record::RecordType& type, const record::Uuid& id,
                             std::string_view before);

  // The commit is one of several.
  void NoteOperation() { operation_ = true; }
  // The same, and it changes what is hidden: nothing more is decided before it is confirmed.
  void NoteCascade() { cascade_ = operation_ = true; }

  // ---- for the shard
  bool cascade() const { return cascade_; }
  bool operation() const { return operation_; }
  bool empty() const { return events_.empty(); }
  size_t bytes() const { return bytes_; }
  std::vector<log::Owner::NewEvent> TakeEvents() { return std::move(events_); }
  const std::vector<Staged>& staged() const { return staged_; }
  std::vector<std::pair<std::string, std::string>> EventNames() const;

 private:
  std::string Load(std::string_view name, const std::string& message, std::string_view etag,
                   std::optional<Refusal>* refusal) const;
  std::optional<Refusal> PutBytes(const std::string& message, const std::string& bytes,
                                  Event event);
  std::vector<std::string> ReferringImages(const std::string& message, std::string_view field,
                                           std::string_view name) const;
  std::vector<std::string> ImagesBy(const std::string& message, std::string_view index,
                                    const std::vector<std::string>& values) const;
  const record::RecordType& TypeOf(const std::string& message) const;
  store::RecordKey SlotKey(const record::RecordType& type, const record::Uuid& id) const;
  record::Status AddEvent(const record::RecordType& type, const record::Uuid& id,
                          std::string event_type, std::string changed, std::string_view image);
  void EnterWakes(const record::RecordType& type, std::string_view before, std::string_view after,
                  Staged* staged) const;
  record::Status Enter(const record::RecordType& type, const record::Uuid& id,
                       std::string_view before, std::shared_ptr<const std::string> after);

  const Context context_;
  const Command& command_;
  const record::Instant time_;
  const store::TenantNumber slot_;
  std::optional<store::TenantNumber> tenant_number_;
  std::optional<store::Hiding> hiding_;  // nullopt: nothing is hidden
  bool cascade_ = false;
  bool operation_ = false;
  bool changes_rates_ = false;
  uint16_t next_id_ = 0;
  size_t bytes_ = 0;
  record::Uuid command_id_;
  std::vector<log::Owner::NewEvent> events_;
  std::vector<Staged> staged_;
  std::set<std::string, std::less<>> announced_;
  std::map<store::RecordKey, std::shared_ptr<const std::string>> written_;
};

}  // namespace crm::shard
