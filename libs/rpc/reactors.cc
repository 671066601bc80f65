#include "libs/rpc/reactors.h"

#include "crm/record/v1/reactors.pb.h"
#include "libs/log/cause.h"
#include "libs/rpc/route.h"

namespace crm::rpc {
namespace {

using Done = std::function<void(Answer)>;

void Fail(const Done& done, record::Status status) {
  Answer answer;
  answer.status = std::move(status);
  done(std::move(answer));
}

shard::Shard* ShardOf(const std::string& service, const std::string& tenant, Host& host,
                      const Done& done) {
  const Place place = host.Find(service, tenant);
  if (place.here) return place.shard;
  if (place.partition >= 0) {
    done(AnswerElsewhere(place));
  } else {
    Fail(done, record::MakeStatus(record::kNotFound, "NOT_SERVED",
                                  "No service " + service + " runs in this process."));
  }
  return nullptr;
}

void List(const record::v1::ListReactorsRequest& request, const std::string& tenant, Host& host,
          const Done& done) {
  const shard::Shard* shard = ShardOf(request.service(), tenant, host, done);
  if (shard == nullptr) return;
  record::v1::ListReactorsResponse response;
  for (const auto& reaction : shard->reactions()) {
    const shard::Reaction::Facts facts = reaction->facts();
    record::v1::Reactor& reactor = *response.add_reactors();
    reactor.set_reactor(facts.reactor);
    reactor.set_source(facts.source);
    reactor.set_position(log::Cause{facts.source, facts.partition, facts.position}.Text());
    for (const auto& parked : facts.parked) {
      if (parked.tenant != tenant) continue;
      reactor.set_parked(parked.cause);
      reactor.set_refusal(parked.refusal);
    }
  }
  Answer answer;
  answer.body = response.SerializeAsString();
  done(std::move(answer));
}

void GoOn(const record::v1::GoOnRequest& request, bool skip, const std::string& tenant, Host& host,
          Done done) {
  shard::Shard* shard = ShardOf(request.service(), tenant, host, done);
  if (shard == nullptr) return;
  auto command = std::make_unique<shard::Command>();
  command->principal.tenant = tenant;
  command->order = {request.reactor(), skip};
  command->done = [shard, place = host.Find(request.service(), tenant),
                   done = std::move(done)](shard::Outcome outcome) {
    if (outcome.not_served) return done(AnswerElsewhere(place));
    Answer answer;
    answer.status = std::move(outcome.status);
    if (answer.status.code() == record::kOk) {
      record::v1::GoOnResponse response;
      response.set_position(PositionText(*shard, outcome.position));
      answer.body = response.SerializeAsString();
      answer.initial.push_back({"crm-position", response.position()});
    }
    done(std::move(answer));
  };
  shard->Submit(std::move(command));
}

}  // namespace

void AnswerReactors(const Call& call, const std::string& tenant, Host& host,
                    std::function<void(Answer)> done) {
  const std::string_view method = std::string_view(call.path).substr(kReactors.size());
  record::v1::ListReactorsRequest list;
  record::v1::GoOnRequest go_on;
  const bool lists = method == "ListReactors";
  if (lists ? !list.ParseFromString(call.request) : !go_on.ParseFromString(call.request)) {
    return Fail(done, record::MakeStatus(record::kInvalidArgument, "MALFORMED_REQUEST",
                                         "The request is no message of its type."));
  }
  if (lists) return List(list, tenant, host, done);
  GoOn(go_on, method == "SkipEvent", tenant, host, std::move(done));
}

}  // namespace crm::rpc
