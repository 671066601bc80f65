#pragma once

#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "libs/record/built_in.h"
#include "libs/record/image.h"
#include "libs/record/random_message.h"

// What the property tests share: every type of the catalogue, with protobuf's reflection beside it.
namespace crm::record {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr int kRounds = 40;

inline const Catalogue& BuiltIn() {
  static const auto catalogue = BuiltInCatalogue();
  return **catalogue;
}

inline google::protobuf::DynamicMessageFactory& Factory() {
  static google::protobuf::DynamicMessageFactory factory(&BuiltIn().pool());
  return factory;
}

inline std::unique_ptr<Message> Make(const Descriptor& type) {
  return std::unique_ptr<Message>(Factory().GetPrototype(&type)->New());
}

inline std::unique_ptr<Message> Parse(const Descriptor& type, const std::string& bytes) {
  auto message = Make(type);
  EXPECT_TRUE(message->ParseFromString(bytes));
  return message;
}

inline std::string Serialised(const Message& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

inline std::string Image(const Message& message) {
  auto image = Normalise(*BuiltIn().FindMessage(message.GetDescriptor()->full_name()),
                         message.SerializeAsString());
  EXPECT_TRUE(image) << image.error().text;
  return *image;
}

// RECALL_SEED repeats the run that a failure names.
inline uint64_t FirstSeed() {
  const char* given = std::getenv("RECALL_SEED");
  return given ? std::strtoull(given, nullptr, 10) : 1;
}

inline void ForEachType(const Descriptor& type,
                        const std::function<void(const Descriptor&)>& visit) {
  if (!type.options().map_entry()) visit(type);
  for (int i = 0; i < type.nested_type_count(); ++i) ForEachType(*type.nested_type(i), visit);
}

// Calls `check` with each type of the catalogue and random numbers, with the seed in the trace.
inline void ForAll(
    const std::function<void(const Descriptor&, const MessageType&, uint64_t seed)>& check) {
  google::protobuf::FileDescriptorSet files;
  ASSERT_TRUE(files.ParseFromString(BuiltIn().descriptors()));
  int types = 0;
  for (const auto& file : files.file()) {
    const auto* descriptor = BuiltIn().pool().FindFileByName(file.name());
    for (int i = 0; i < descriptor->message_type_count(); ++i) {
      ForEachType(*descriptor->message_type(i), [&](const Descriptor& type) {
        const MessageType* known = BuiltIn().FindMessage(type.full_name());
        if (!known || testing::Test::HasFailure()) return;
        ++types;
        for (uint64_t seed = FirstSeed(); seed < FirstSeed() + kRounds; ++seed) {
          SCOPED_TRACE(type.full_name() + ", RECALL_SEED=" + std::to_string(seed));
          check(type, *known, seed);
          if (testing::Test::HasFailure()) return;
        }
      });
    }
  }
  EXPECT_TRUE(types > 40 || testing::Test::HasFailure());
}

// The bytes of one field alone.
inline std::string Only(const Message& message, const FieldDescriptor& field) {
  std::unique_ptr<Message> copy(message.New());
  copy->CopyFrom(message);
  const auto* reflection = copy->GetReflection();
  reflection->MutableUnknownFields(copy.get())->Clear();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    if (message.GetDescriptor()->field(i) != &field)
      reflection->ClearField(copy.get(), message.GetDescriptor()->field(i));
  }
  return Serialised(*copy);
}

inline std::map<std::string, std::string> Entries(const Message& message,
                                                  const FieldDescriptor& field) {
  std::map<std::string, std::string> entries;
  for (int i = 0; i < message.GetReflection()->FieldSize(message, &field); ++i) {
    const Message& entry = message.GetReflection()->GetRepeatedMessage(message, &field, i);
    entries[entry.GetReflection()->GetString(entry, entry.GetDescriptor()->map_key())] =
        Serialised(entry);
  }
  return entries;
}

}  // namespace crm::record
