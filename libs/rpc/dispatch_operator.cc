#include "crm/record/v1/descriptors.pb.h"
#include "crm/record/v1/verification.pb.h"
#include "libs/access/denial.h"
#include "libs/rpc/caller.h"
#include "libs/rpc/dispatcher_parts.h"
#include "libs/rpc/reactors.h"

namespace crm::rpc {

void Dispatcher::Parts::AdmitOperator(const Call& call, Route route, const Done& fail,
                                      Proceed proceed) {
  Admit(call, std::move(route), fail,
        [fail, proceed = std::move(proceed)](const Call& whole, Route admitted) {
          if (admitted.subject == nullptr || admitted.subject->administrator())
            return proceed(whole, std::move(admitted));
          Fail(fail, access::OnlyAdministrators("look into the machinery"));
        });
}

void Dispatcher::Parts::Verify(const Call& call, Done done) {
  Route route;
  record::Status status = Authenticate(call, options, &route.principal);
  if (status.code() != record::kOk) return Fail(done, std::move(status));
  record::v1::VerifyRequest request;
  if (!request.ParseFromString(call.request)) {
    return Fail(done, record::MakeStatus(record::kInvalidArgument, "MALFORMED_REQUEST",
                                         "The request is no VerifyRequest."));
  }
  const std::string_view wanted = Find(call.metadata, "crm-service");
  const std::string service = wanted.empty() ? FirstService(host) : std::string(wanted);
  route.place = host.Find(service, route.principal.tenant);
  if (route.place.partition < 0) return Fail(done, NotServed({service}));
  shard::ReadOptions read;
  std::vector<record::Violation> violations;
  ReadOptionsOf(call, route.place.service, {.text = request.min_position()}, &read, &violations);
  if (!violations.empty()) return Fail(done, record::InvalidArgument(violations));
  if (!MayReadHere(route.place, read)) return done(AnswerElsewhere(route.place));
  AdmitOperator(call, std::move(route), done, [read, done](const Call&, const Route& admitted) {
    admitted.shard()->Read(read, [place = admitted.place, tenant = admitted.principal.tenant,
                                  done](shard::ReadResult result) {
      if (result.not_served) return done(AnswerElsewhere(place));
      if (!result.view) return Fail(done, std::move(result.status));
      record::v1::VerifyResponse response;
      response.set_position(PositionText(*place.shard, result.view->applied() - 1));
      for (auto& [section, hash] : result.view->Verify(tenant))
        (*response.mutable_hashes())[section] = hash;
      Answer answer;
      answer.body = response.SerializeAsString();
      answer.initial.push_back({"crm-position", response.position()});
      done(std::move(answer));
    });
  });
}

void Dispatcher::Parts::Descriptors(const Call& call, const Done& done) const {
  shard::Principal principal;
  record::Status status = Authenticate(call, options, &principal);
  if (status.code() != record::kOk) return Fail(done, std::move(status));
  record::v1::GetDescriptorsResponse response;
  response.set_sha256(catalogue.descriptors_sha256());
  response.set_descriptor_set(catalogue.descriptors());
  Answer answer;
  answer.body = response.SerializeAsString();
  done(std::move(answer));
}

void Dispatcher::Parts::Reactors(const Call& call, Done done) {
  Route route;
  record::Status known = Authenticate(call, options, &route.principal);
  if (known.code() != record::kOk) return Fail(done, std::move(known));
  route.place = host.Find(FirstService(host), route.principal.tenant);
  AdmitOperator(call, std::move(route), done,
                [this, done](const Call& whole, const Route& admitted) {
                  AnswerReactors(whole, admitted.principal.tenant, host, done);
                });
}

}  // namespace crm::rpc
