#pragma once

#include <google/protobuf/any.pb.h>
#include <google/protobuf/generated_enum_reflection.h>

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "libs/record/status.h"

namespace crm::shard {

// The trade says no, for a reason that is a value of a proto enum with a `refusal` annotation.
struct Refusal {
  template <class Enum>
  requires google::protobuf::is_proto_enum<Enum>::value explicit Refusal(Enum value)
      : reason(google::protobuf::GetEnumDescriptor<Enum>()->FindValueByNumber(value)->name()) {}
  template <class Enum>
  requires google::protobuf::is_proto_enum<Enum>::value Refusal(Enum value, std::string at_fault)
      : Refusal(value) {
    field = std::move(at_fault);
  }
  // A refusal that any record type may meet, such as NOT_FOUND.
  explicit Refusal(record::Status general) : status(std::move(general)) {}

  // Adds a fact to what the client is told.
  Refusal& With(std::string key, std::string value) {
    metadata.push_back({std::move(key), std::move(value)});
    return *this;
  }
  // Adds a message of the trade to the status' details.
  Refusal& WithDetail(const google::protobuf::Message& message) {
    details.emplace_back().PackFrom(message);
    return *this;
  }

  std::string reason;      // the enum value's name
  std::string field;       // of the request, if one is at fault
  std::string image;       // of the record whose fields the text names
  std::string collection;  // and its type
  record::Status status;   // code 0: made from the reason's annotation
  std::vector<record::Metadatum> metadata;
  std::vector<google::protobuf::Any> details;
};

// A value, or a Refusal.
template <class T>
class [[nodiscard]] Refusable {
 public:
  Refusable(T value) : content_(std::move(value)) {}            // NOLINT: returned as it is
  Refusable(Refusal refusal) : content_(std::move(refusal)) {}  // NOLINT

  explicit operator bool() const { return content_.index() == 0; }
  T& operator*() { return std::get<0>(content_); }
  const T& operator*() const { return std::get<0>(content_); }
  T* operator->() { return &std::get<0>(content_); }
  const T* operator->() const { return &std::get<0>(content_); }
  const Refusal& refusal() const { return std::get<1>(content_); }

 private:
  std::variant<T, Refusal> content_;
};

}  // namespace crm::shard
