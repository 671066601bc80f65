#include "libs/rpc/access_reads.h"
#include "libs/rpc/caller.h"
#include "libs/rpc/dispatcher_parts.h"
#include "libs/rpc/question.h"
#include "libs/rpc/reads.h"
#include "libs/rpc/timeline.h"
#include "libs/store/missing.h"

namespace crm::rpc {
namespace {

using record::MethodKind;

// A list that is about a user, not about records of one type.
bool IsOfUser(const record::Method& method) {
  return method.path == kListFeed || method.path == kListAgenda;
}

Answer AnswerRead(const ReadContext& context, const store::View& view) {
  const record::Method& method = *context.route.method;
  if (method.path == kExplainAccess) return AnswerExplain(context, view);
  if (method.path == kListWhoCan) return AnswerWhoCan(context, view);
  if (method.path == kListTimeline) return AnswerTimeline(context, view);
  if (method.path == kListFeed) return AnswerFeed(context, view);
  if (method.path == kListAgenda) return AnswerAgenda(context, view);
  switch (method.kind) {
    case MethodKind::kGet:
      return AnswerGet(context, view);
    case MethodKind::kList:
      return AnswerList(context, view);
    case MethodKind::kBatchGet:
      return AnswerBatchGet(context, view);
    default:
      return AnswerHistory(context, view);
  }
}

}  // namespace

bool IsRead(const record::Method& method) {
  const MethodKind kind = method.kind;
  return method.path == kListTimeline || method.path == kExplainAccess ||
         method.path == kListWhoCan || IsOfUser(method) || kind == MethodKind::kGet ||
         kind == MethodKind::kList || kind == MethodKind::kBatchGet || kind == MethodKind::kHistory;
}

void Dispatcher::Parts::Read(const Call& call, Route route, Done done) {
  const record::RecordType* type =
      IsOfUser(*route.method) ? catalogue.FindType("posts") : TypeOfRequest(route, catalogue);
  // Of an unknown type, what else is wrong is looked for anywhere.
  route.place = type != nullptr ? PlaceFor(host, *type, call, route.principal.tenant)
                                : host.Find(FirstService(host), route.principal.tenant);
  if (route.place.partition < 0)
    return Fail(done, NotServed(type != nullptr ? type->services : std::vector<std::string>()));
  shard::ReadOptions read;
  std::vector<record::Violation> faults;
  ReadOptionsOf(call, route.place.service, MinPositionOf(route), &read, &faults);
  // Only what else is wrong is looked for then, if there is anything here to look at.
  if (!faults.empty() || type == nullptr) read = {.deadline = call.deadline};
  if (!MayReadHere(route.place, read)) {
    if (!faults.empty()) return Fail(done, record::InvalidArgument(faults));
    return done(AnswerElsewhere(route.place));
  }
  Admit(call, std::move(route), done,
        [this, read, faults = std::move(faults), done](const Call&, Route admitted) {
          shard::Shard* shard = admitted.shard();
          shard->Read(
              read, [this, route = std::move(admitted), faults, done](shard::ReadResult result) {
                if (result.not_served) return done(AnswerElsewhere(route.place));
                if (!result.view) return Fail(done, std::move(result.status));
                const ReadContext context{route, catalogue, options, *route.shard(), faults};
                Answer answer = AnswerRead(context, *result.view);
                TellAge(route.identity_age_us, &answer.initial);
                const auto missing = result.view->TakeMissing();
                if (!missing.empty()) return Fail(done, store::IndexBeingBuilt(missing));
                done(std::move(answer));
              });
        });
}

}  // namespace crm::rpc
