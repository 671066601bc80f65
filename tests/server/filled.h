#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <string>
#include <vector>

#include "crm/record/v1/options.pb.h"

// Records made from nothing but their descriptors.
namespace crm::test {

// What a field is declared to be.
bool IsRequired(const google::protobuf::FieldDescriptor* field);
bool IsOutputOnly(const google::protobuf::FieldDescriptor* field);
bool IsImmutable(const google::protobuf::FieldDescriptor* field);
// Neither the name, nor output only.
bool IsSettable(const google::protobuf::FieldDescriptor* field);
const record::v1::Field& AnnotationOf(const google::protobuf::FieldDescriptor* field);
const record::v1::Option& OptionOf(const google::protobuf::EnumValueDescriptor* value);
// The enum value marked as the default; null: none.
const google::protobuf::EnumValueDescriptor* DefaultOf(
    const google::protobuf::EnumDescriptor* options);

// The name of a record that the field may refer to; empty: the field stays empty.
using Referred = std::function<std::string(const google::protobuf::FieldDescriptor* field)>;

// Gives every field that a client may set a valid value; other seeds give other values. A status is
// one of the state that a record is created in.
void Fill(google::protobuf::Message* record, int seed, const Referred& referred);
// The same for required fields only.
void FillRequired(google::protobuf::Message* record, int seed, const Referred& referred);
// One field.
void FillField(google::protobuf::Message* record, const google::protobuf::FieldDescriptor* field,
               int seed, const Referred& referred);

// `accounts/…` of a type that is not served here, which is known by its form only.
std::string NameElsewhere(const google::protobuf::FieldDescriptor* field);
// A UUID that depends on the number only.
std::string IdOf(int number);

// Without what is different in each version: etag, update_time, update_user.
template <class Record>
Record WithoutVersion(Record record) {
  record.clear_etag();
  record.clear_update_time();
  record.clear_update_user();
  return record;
}

}  // namespace crm::test
