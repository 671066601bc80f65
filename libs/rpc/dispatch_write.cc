#include "libs/rpc/dispatcher_parts.h"
#include "libs/rpc/writes.h"

namespace crm::rpc {
namespace {

// The first record type that a generic request is about; it decides where the call goes.
const record::RecordType* FirstType(const shard::Command& command,
                                    const record::Catalogue& catalogue) {
  if (!command.writes.empty()) return command.writes.front().type;
  auto spans = record::Spans::Read(command.request);
  const std::string_view name = spans ? spans->Text(record::kName) : "";
  return catalogue.FindType(name.substr(0, name.find('/')));
}

// Metadata is small: what does not fit is only counted. `with_names`: who may not do everything is
// not told the names of what goes along.
std::string EventsText(const shard::Outcome& outcome, bool with_names) {
  constexpr size_t kLongest = 1'500;
  std::string text;
  size_t shown = 0;
  for (const auto& [type, name] : outcome.events) {
    if (text.size() + type.size() + name.size() > kLongest) break;
    text += (text.empty() ? "" : ", ") + type;
    if (with_names) text += " " + name;
    ++shown;
  }
  const size_t left = outcome.events.size() - shown;
  return left == 0 ? text : text + ", and " + std::to_string(left) + " more";
}

}  // namespace

void Dispatcher::Parts::Write(const Call& call, Route route, Done done) {
  const record::RecordType* type = route.type;
  if (type == nullptr) {
    shard::Command command;
    // What is wrong with it is told to callers who are known.
    (void)ReadCommand(route, call, catalogue, options, &command);
    type = FirstType(command, catalogue);
  }
  if (type != nullptr) {
    route.place = PlaceFor(host, *type, call, route.principal.tenant);
    if (route.place.partition < 0) return Fail(done, NotServed(type->services));
    if (!route.place.here) return done(AnswerElsewhere(route.place));
  }
  Admit(call, std::move(route), done,
        [this, done](const Call& whole, Route admitted) { Submit(whole, admitted, done); });
}

void Dispatcher::Parts::Submit(const Call& call, const Route& route, Done done) const {
  auto command = std::make_unique<shard::Command>();
  record::Status status = ReadCommand(route, call, catalogue, options, command.get());
  if (status.code() != record::kOk) return Fail(done, std::move(status));
  if (route.place.partition < 0) return Fail(done, NotServed());
  shard::Shard* shard = route.shard();
  command->done = [answering = AnsweringOf(route, *command), place = route.place,
                   age_us = route.identity_age_us, shard,
                   done = std::move(done)](shard::Outcome outcome) {
    if (outcome.not_served) return done(AnswerElsewhere(place));
    Answer answer;
    answer.status = std::move(outcome.status);
    if (answer.status.code() == record::kOk) {
      const std::string position = PositionText(*shard, outcome.position);
      answer.body = WriteResponse(answering, outcome, position);
      answer.initial.push_back({"crm-position", position});
      TellAge(age_us, &answer.initial);
      if (answering.validate_only) {
        const bool all = answering.subject == nullptr || answering.subject->administrator();
        answer.trailing.push_back({"crm-events", EventsText(outcome, all)});
      }
    }
    done(std::move(answer));
  };
  shard->Submit(std::move(command));
}

}  // namespace crm::rpc
