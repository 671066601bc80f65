#include "libs/rpc/question.h"

#include "libs/record/spans.h"

namespace crm::rpc {
namespace {

// Where the request has a type's own request in it: the field.
const record::Field* PartOf(const Route& route) {
  const record::MethodKind kind = route.method->kind;
  const bool of_collection =
      kind == record::MethodKind::kList || kind == record::MethodKind::kWatch;
  return route.generic && of_collection ? route.method->request->Find(2) : nullptr;
}

}  // namespace

std::string_view QuestionOf(const Route& route) {
  const record::Field* part = PartOf(route);
  return part == nullptr ? std::string_view(route.request)
                         : record::TextIn(route.request, part->number);
}

std::string PathOf(const Route& route, const std::string& field) {
  const record::Field* part = PartOf(route);
  return part == nullptr ? field : part->name + "." + field;
}

WantedPosition MinPositionOf(const Route& route) {
  const record::Field* part = PartOf(route);
  const record::MessageType& message = part == nullptr ? *route.method->request : *part->message;
  const record::Field* field = message.Find("min_position");
  if (field == nullptr) return {};
  return {part == nullptr ? "min_position" : "list.min_position",
          record::Spans::Read(QuestionOf(route))->Text(field->number)};
}

const record::RecordType* TypeOfRequest(const Route& route, const record::Catalogue& catalogue) {
  if (route.type != nullptr) return route.type;
  std::string_view collection = record::TextIn(route.request, 1);
  if (PartOf(route) == nullptr) collection = collection.substr(0, collection.find('/'));
  const record::RecordType* type = catalogue.FindType(collection);
  return type == nullptr || type->annotation.internal() ? nullptr : type;
}

record::Violation UnknownCollection(const Route& route) {
  return UnknownType("collection", record::TextIn(route.request, 1));
}

}  // namespace crm::rpc
