#include <gmock/gmock.h>

#include <algorithm>

#include "tests/access/attempt.h"

// The commands of every record type, as reflection lists them, called like the standard methods in
// depth_test.cc: the right on the named record, Create for what they make, and their privilege, as
// their option says.
namespace crm::test {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using record::v1::Right;

struct TradeCommand {
  const MethodDescriptor* method = nullptr;
  record::v1::Command declared;
};

Right RightOf(const TradeCommand& command) {
  return command.declared.right() == record::v1::RIGHT_UNSPECIFIED ? record::v1::READ
                                                                   : command.declared.right();
}

// Those about one record, which can be tried without doing anything.
std::vector<TradeCommand> CommandsOf(const RecordType& type) {
  std::vector<TradeCommand> commands;
  for (int i = 0; i < type.service->method_count(); ++i) {
    const MethodDescriptor* method = type.service->method(i);
    const auto* request = method->input_type();
    if (!method->options().HasExtension(record::v1::command) ||
        request->FindFieldByName("name") == nullptr ||
        request->FindFieldByName("validate_only") == nullptr) {
      continue;
    }
    commands.push_back({method, method->options().GetExtension(record::v1::command)});
  }
  return commands;
}

// Some commands of a type are about a record of another one.
std::string NameFor(const Attempt& attempt, const FieldDescriptor* field) {
  const auto& to = AnnotationOf(field).reference().to();
  if (to.empty() || std::find(to.begin(), to.end(), attempt.type.collection) != to.end())
    return attempt.name;
  return Attempt::World().RecordAt(*Schema::Shared().Find(to.Get(0)), attempt.caller,
                                   attempt.where);
}

// Everything that the request refers to belongs where the record does.
Record RequestOf(const Attempt& attempt, const TradeCommand& command) {
  Record request = Schema::Shared().New(command.method->input_type());
  FillRequired(request.get(), 1, [&](const FieldDescriptor* field) {
    for (const std::string& to : AnnotationOf(field).reference().to()) {
      const RecordType* type = Schema::Shared().Find(to);
      const std::string name =
          type == nullptr ? "" : Attempt::World().RecordAt(*type, attempt.caller, attempt.where);
      if (!name.empty()) return name;
    }
    return NameElsewhere(field);
  });
  SetText(request.get(), "name",
          NameFor(attempt, request->GetDescriptor()->FindFieldByName("name")));
  request->GetReflection()->SetBool(
      request.get(), request->GetDescriptor()->FindFieldByName("validate_only"), true);
  return request;
}

bool MayMake(const Caller& caller, const TradeCommand& command) {
  const auto& creates = command.declared.creates();
  return std::all_of(creates.begin(), creates.end(), [&](const std::string& collection) {
    const RecordType* type = Schema::Shared().Find(collection);
    return type == nullptr || Depths::Covers(caller, record::v1::CREATE, *type, Where::kOwn);
  });
}

TEST(Depth, Commands) {
  std::map<std::string, int> went_through;
  const auto concerned = [](const Caller& caller) {
    return !caller.varied || caller.varied == record::v1::WRITE ||
           caller.varied == record::v1::CREATE || caller.varied == record::v1::DELETE;
  };
  ForEachAttempt(concerned, [&](const Attempt& attempt) {
    for (const TradeCommand& command : CommandsOf(attempt.type)) {
      SCOPED_TRACE(command.method->name());
      std::string body;
      const Outcome outcome = attempt.caller.client.CallBytes(
          "/" + command.method->service()->full_name() + "/" + command.method->name(),
          RequestOf(attempt, command)->SerializeAsString(), &body);
      const bool may = attempt.Covers(record::v1::READ) && attempt.Covers(RightOf(command)) &&
                       MayMake(attempt.caller, command);
      EXPECT_EQ(!IsForRights(outcome), may) << outcome;
      if (outcome.code == 5) {
        EXPECT_FALSE(attempt.Covers(record::v1::READ)) << outcome;
      }
      went_through[command.method->name()] += outcome.ok() ? 1 : 0;
    }
  });
  EXPECT_GT(went_through.size(), 40u);
}

}  // namespace
}  // namespace crm::test
