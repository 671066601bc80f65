#pragma once

#include <string>
#include <string_view>

#include "libs/rpc/caller.h"
#include "libs/rpc/route.h"

// What a request asks, whether the method is a type's own or of records of any type.
namespace crm::rpc {

// What a type's own method is asked: of a list or a watch of any type, the part that says so; else
// the whole request.
std::string_view QuestionOf(const Route& route);
// What the client calls a field of it: `list.filter` there.
std::string PathOf(const Route& route, const std::string& field);
// The request's own `min_position`.
WantedPosition MinPositionOf(const Route& route);
// The record type that the request names, where the method does not; null if there is none.
const record::RecordType* TypeOfRequest(const Route& route, const record::Catalogue& catalogue);
// That there is no such collection.
record::Violation UnknownCollection(const Route& route);

}  // namespace crm::rpc
