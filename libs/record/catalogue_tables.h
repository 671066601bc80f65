#pragma once

#include <google/protobuf/descriptor_database.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "libs/record/catalogue.h"

// What a catalogue holds, and the steps in which it is built; for this library only.
namespace crm::record {

struct NameHash {
  using is_transparent = void;
  size_t operator()(std::string_view name) const { return std::hash<std::string_view>()(name); }
};

template <class T>
using ByName = std::unordered_map<std::string, T, NameHash, std::equal_to<>>;

// Everything that is wrong with the descriptors: a developer wants to see it all at once.
using Problems = std::vector<std::string>;

struct PoolErrors final : google::protobuf::DescriptorPool::ErrorCollector {
  Problems* problems = nullptr;
  void AddError(const std::string& file, const std::string& element,
                const google::protobuf::Message*, ErrorLocation,
                const std::string& message) override {
    if (problems) problems->push_back(file + ": " + element + ": " + message);
  }
};

struct CatalogueTables {
  google::protobuf::SimpleDescriptorDatabase database;
  PoolErrors errors;
  std::unique_ptr<google::protobuf::DescriptorPool> pool;
  std::vector<const google::protobuf::FileDescriptor*> files;

  ByName<std::unique_ptr<MessageType>> messages;
  ByName<std::unique_ptr<OptionSet>> option_sets;
  std::map<uint16_t, std::unique_ptr<RecordType>> types;
  ByName<RecordType*> by_collection;
  ByName<RecordType*> by_message;
  std::map<std::string, std::unique_ptr<Method>, std::less<>> methods;
  ByName<const Method*> by_path;
  ByName<v1::Refusal> refusals;

  std::string descriptors;
  std::string descriptors_sha256;
  std::string fingerprint;

  const MessageType* FindMessage(std::string_view full_name) const;
};

// The extension `id` of a descriptor's options: read anew by the generated class, because the
// options of a pool of one's own know no extensions.
template <class Options, class Id>
auto ReadOption(const Options& options, const Id& id) {
  Options typed;
  typed.ParseFromString(options.SerializeAsString());
  return typed.GetExtension(id);
}

template <class Options, class Id>
bool HasOption(const Options& options, const Id& id) {
  Options typed;
  typed.ParseFromString(options.SerializeAsString());
  return typed.HasExtension(id);
}

// Messages, enums and refusals of all files. Files of proto2, such as descriptor.proto, are passed
// over: their presence and defaults are other rules, and no record or request uses them.
void BuildMessages(CatalogueTables* tables, Problems* problems);
// Record types of the root events, with their indexes and referrers.
void BuildTypes(const std::vector<std::string>& root_events, CatalogueTables* tables,
                Problems* problems);
// Fields by what writing does with them.
void GroupFields(CatalogueTables* tables);
// Which indexes deciding finds records by.
void FollowIndexes(CatalogueTables* tables);
// Which records computed fields are counted over.
void BuildComputed(CatalogueTables* tables, Problems* problems);
// Methods of the services of record types, and of crm.record.v1.Records.
void BuildMethods(CatalogueTables* tables, Problems* problems);
// What every record type must obey.
void CheckType(const RecordType& type, const CatalogueTables& tables, Problems* problems);

}  // namespace crm::record
