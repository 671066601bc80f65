#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "crm/record/v1/options.pb.h"
#include "libs/record/result.h"
#include "libs/record/wire.h"

// What there is to know about record types, compiled from descriptors into plain tables. A
// catalogue is a value: nothing takes a type from generated classes or from a global pool, so a
// tenant's own fields and types can be in one as well.
namespace crm::record {

enum class Kind {
  kText,       // string
  kReference,  // string with a `reference` annotation
  kBytes,
  kInteger,   // int32, int64, sint, sfixed
  kUnsigned,  // uint32, uint64, fixed
  kNumber,    // double, float
  kFlag,
  kOption,   // enum
  kTime,     // google.protobuf.Timestamp
  kDate,     // google.type.Date
  kMoney,    // google.type.Money
  kMessage,  // any other message, google.protobuf.Any included
};

struct OptionValue {
  int number = 0;
  std::string name;
  v1::Option option;
};

struct OptionSet {
  std::string name;
  std::vector<OptionValue> values;
  const OptionValue* Find(int number) const;
  const OptionValue* Find(std::string_view name) const;
  int default_number = 0;  // of the value marked `default` (for a status see RecordType); 0: none
};

struct MessageType;

struct Field {
  uint32_t number = 0;
  std::string name;
  std::string json_name;
  Kind kind = Kind::kText;
  google::protobuf::FieldDescriptor::Type proto_type{};
  WireType wire = WireType::kVarint;  // of one value; repeated numbers are packed into kBytes
  int oneof = -1;                     // which of the message's oneofs it is a member of
  bool repeated = false;              // also true for maps
  bool map = false;                   // `message` is the entry, with fields 1 and 2
  bool optional = false;  // explicit presence: proto3 `optional`, oneof members, messages
  bool required = false;
  bool output_only = false;
  bool immutable = false;
  bool identifier = false;
  bool standard = false;  // one of the fields 1 to 15 of a record type
  v1::Field annotation;
  const MessageType* message = nullptr;  // of kMessage, kTime, kDate, kMoney and maps
  const OptionSet* options = nullptr;    // of kOption
};

struct CatalogueTables;

struct MessageType {
  std::string full_name;
  std::vector<Field> fields;                // in the order of numbers
  std::vector<const Field*> references;     // of them, references and messages that may hold some
  bool record = false;                      // it has the `record` option
  bool oneofs = false;                      // some fields are members of a oneof
  const CatalogueTables* tables = nullptr;  // finds what an Any holds
  const Field* Find(uint32_t number) const;
  const Field* Find(std::string_view name) const;
};

// Numbers of the fields that are the same in every record type.
enum StandardField : uint32_t {
  kName = 1,
  kEtag = 2,
  kCreateTime = 3,
  kUpdateTime = 4,
  kCreateUser = 5,
  kUpdateUser = 6,
  kOwner = 7,
  kState = 8,
  kStatus = 9,
  kRegarding = 10,
  kDeleteTime = 11,
  kExchangeRate = 12,
  kPermissions = 13,
  kSecuredFields = 14,
  kCustom = 15,
  kFirstPersonal = 200,
  kCustomPersonal = 999,
};

// A field, possibly of a nested message: the fields on the way to it.
using FieldPath = std::vector<const Field*>;

// `address1.city`; empty when there is no such field, or it lies within a list, a time or a money.
FieldPath FindPath(const MessageType& type, std::string_view path);

struct Index {
  std::string name;     // its paths, joined by commas: `state,rating`
  uint16_t number = 0;  // within the record type; a projection's matter, never logged
  std::vector<FieldPath> by;
  bool unique = false;
  bool past = false;
  bool decides = false;  // deciding looks records up by it
  bool sparse = false;   // only of records whose first field is set; nobody declared it
  // Deciding finds records by it: it is unique, `decides`, or leads from a record to those that
  // refer to it.
  bool followed = false;
  // Which of the type's indexes has the same order within each owner; -1: none. So the records of
  // some owners are found in this index's order without looking at those of others.
  int by_owner = -1;
};

// That records of `from` refer to records of the type that holds it.
struct Referrer {
  const struct RecordType* from = nullptr;
  const Field* field = nullptr;  // of `from`
  const Index* index = nullptr;  // of `from`: begins with `field`
  // What happens to it with the referenced record; never BY_PRESET. Only records of types with the
  // field `merged` are merged.
  v1::Cascade on_delete = v1::NONE;
  v1::Cascade on_assign = v1::NONE;
  v1::Cascade on_share = v1::NONE;
  v1::Cascade on_merge = v1::NONE;
  bool reparent = false;  // the referenced record's owner may read it
};

// A field of a record that is not stored: the count, or a sum, over the records that refer to it.
struct ComputedField {
  const Field* field = nullptr;
  const struct RecordType* of = nullptr;  // whose records are counted
  const Index* index = nullptr;           // of `of`: begins with the reference, then the groups
  std::string group;                      // the groups' values, encoded like the index's
  const Field* sum = nullptr;             // a money field of `of`; null: the count
};

// An amount of money, and the field that has it in the organization's currency.
struct Amount {
  const Field* field = nullptr;
  const Field* base = nullptr;  // null: there is none
};

struct RecordType {
  const MessageType* message = nullptr;
  std::string singular;    // `lead`: in event types and field names
  std::string collection;  // `leads`
  std::string package;     // `crm.sales.v1`
  uint16_t number = 0;     // its number in the root messages of services' events
  // Services whose logs hold its records, such as `sales`: one, or several for child types.
  std::vector<std::string> services;
  v1::Record annotation;
  const Field* title = nullptr;
  // The first is `create_time`; `owner,create_time` where somebody owns each record; one for each
  // reference with an effect.
  std::vector<Index> indexes;
  std::vector<Referrer> referrers;
  std::vector<ComputedField> computed;
  // Fields by what writing does with them, so that it need not walk through all of them.
  std::vector<const Field*> defaulted;  // a new record gets a value where it has none
  std::vector<const Field*> ignored;    // output-only and identifiers: a client's are not taken
  std::vector<const Field*> acyclic;    // references that must not lead back
  std::vector<Amount> amounts;          // given ones, not computed ones
  const Field* currency = nullptr;      // of the amounts; null: none
  const Field* Find(std::string_view name) const { return message->Find(name); }
  const Index* FindIndex(std::string_view name) const;
  // `crm.sales.v1.lead.created` for `created`.
  std::string EventType(std::string_view what) const;
  // The status that is set when `state` is entered (enum numbers); 0: none.
  int DefaultStatus(int state) const;
  bool EditableIn(int state) const;
  bool HostedBy(std::string_view service) const;
};

enum class MethodKind {
  kCreate,
  kGet,
  kList,
  kUpdate,
  kDelete,
  kPreviewDelete,
  kUndelete,
  kBatchGet,
  kBatchCreate,
  kBatchUpdate,
  kHistory,
  kWatch,
  kCommand,
};

struct Method {
  std::string path;     // `/crm.sales.v1.Leads/CreateLead`
  std::string service;  // `crm.sales.v1.Leads`
  std::string name;     // `CreateLead`
  MethodKind kind{};
  const RecordType* type =
      nullptr;  // null for services of all types, such as crm.record.v1.Records
  const MessageType* request = nullptr;
  const MessageType* response = nullptr;
  bool streams = false;
  v1::Command command;
  const OptionValue* leads_to = nullptr;  // the state that the record is in afterwards; null: any
};

class Catalogue {
 public:
  // `root_events` are the root messages of the services' topics, such as `crm.sales.v1.Event`;
  // their oneof says which record types a service hosts, with their numbers, which are unique over
  // all services. Fails on anything that breaks architecture.md's rules for record types, naming
  // the message and field.
  static Result<std::unique_ptr<Catalogue>> Build(const google::protobuf::FileDescriptorSet& files,
                                                  const std::vector<std::string>& root_events);
  ~Catalogue();
  Catalogue(const Catalogue&) = delete;
  Catalogue& operator=(const Catalogue&) = delete;

  const RecordType* FindType(std::string_view collection) const;
  const RecordType* FindTypeByNumber(uint16_t number) const;
  const RecordType* FindTypeByMessage(std::string_view full_name) const;
  const Method* FindMethod(std::string_view path) const;
  const MessageType* FindMessage(std::string_view full_name) const;
  // gRPC code and text of a refusal reason such as LEAD_ALREADY_QUALIFIED, or null.
  const v1::Refusal* FindRefusal(std::string_view reason) const;
  std::vector<const RecordType*> Types() const;  // by number
  std::vector<const Method*> Methods() const;    // by path
  // For reflection, JSON in tools and tests; never on a hot path.
  const google::protobuf::DescriptorPool& pool() const;
  // The files as they were given, serialised, and their SHA-256 in hex.
  const std::string& descriptors() const;
  const std::string& descriptors_sha256() const;
  // Changes whenever a stored projection must be rebuilt: types, numbers, indexes, ICU's version.
  const std::string& fingerprint() const;

 private:
  explicit Catalogue(std::unique_ptr<CatalogueTables> tables);
  std::unique_ptr<CatalogueTables> tables_;
};

}  // namespace crm::record
