#pragma once

#include <google/protobuf/message.h>
#include <google/protobuf/util/type_resolver.h>

#include <memory>
#include <string>

namespace crm::ctl {

// What may stand in an Any of a message: the types of the pool that the message's own type is from,
// which the server told, and those that this program was built with, such as google.rpc.ErrorInfo.
std::unique_ptr<google::protobuf::util::TypeResolver> AnyTypesOf(
    const google::protobuf::Message& message);
// As in an Any.
std::string TypeUrlOf(const google::protobuf::Message& message);

}  // namespace crm::ctl
