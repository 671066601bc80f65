#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/timestamp.pb.h>

#include <optional>
#include <string>
#include <string_view>

#include "google/type/date.pb.h"
#include "google/type/money.pb.h"

// From what people type, or a file holds, to a field's value.
namespace crm::ctl {

// Why a text is no value of its field; empty reason: it is one.
struct ValueError {
  std::string reason;  // `UNKNOWN_OPTION`, `BAD_VALUE`, `UNKNOWN_FIELD`, `READ_ONLY`
  std::string text;
  explicit operator bool() const { return !reason.empty(); }
};

// RFC 3339, with a space or T between date and time, or a date alone: its midnight in UTC.
std::optional<google::protobuf::Timestamp> ParseTime(std::string_view text);
// A date, also one that begins a time.
std::optional<google::type::Date> ParseDate(std::string_view text);
// `908 USD`, `USD 908.50`, or a number alone with `currency`, unless that is empty.
std::optional<google::type::Money> ParseMoney(std::string_view text, std::string_view currency);
// yes, no, true, false, y, n, 1, 0, in either case.
std::optional<bool> ParseFlag(std::string_view text);
// A value's name as declared, or without its prefix, in any case, spaces and hyphens as
// underscores: SOURCE_WEB, WEB, web; null: none is called so.
const google::protobuf::EnumValueDescriptor* ParseOption(
    const google::protobuf::EnumDescriptor* type, std::string_view text);

// `SOURCE_`, which the names of all values of the enum Source begin with.
std::string OptionPrefix(const google::protobuf::EnumDescriptor* type);

// Sets the field at a path such as `address1.city` or `custom.shoe_size`. An empty text leaves the
// field unset. Repeated fields take values separated by commas, or a JSON array; other messages
// take JSON.
ValueError SetField(google::protobuf::Message* message, std::string_view path,
                    std::string_view text, std::string_view currency = {});

// The field at a path, or null with the error; the part of a path behind a map's name is its key.
const google::protobuf::FieldDescriptor* FindField(const google::protobuf::Descriptor* type,
                                                   std::string_view path, ValueError* error);

// Whether a record's field at a path may be written by whoever has the right to.
ValueError CheckWritable(const google::protobuf::Descriptor* record, std::string_view path);

}  // namespace crm::ctl
