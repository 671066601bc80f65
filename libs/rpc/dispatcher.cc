#include "libs/rpc/dispatcher.h"

#include <set>

#include "libs/record/image.h"
#include "libs/rpc/batch_commands.h"
#include "libs/rpc/caller.h"
#include "libs/rpc/dispatcher_parts.h"
#include "libs/rpc/peers.h"
#include "libs/rpc/question.h"
#include "libs/rpc/reactors.h"

namespace crm::rpc {
namespace {

constexpr std::string_view kVerify = "/crm.record.v1.Verification/Verify";
constexpr std::string_view kDescriptors = "/crm.record.v1.Descriptors/GetDescriptors";

template <class Names>
std::string Listed(const Names& names) {
  std::string listed;
  for (const std::string& name : names) listed += (listed.empty() ? "" : ", ") + name;
  return listed;
}

}  // namespace

void Fail(const Done& done, record::Status status) {
  Answer answer;
  answer.status = std::move(status);
  done(std::move(answer));
}

record::Status NotServed(const std::vector<std::string>& services) {
  const std::string names = Listed(services);
  if (names.empty()) {
    return record::MakeStatus(record::kUnimplemented, "NOT_SERVED",
                              "No service of this process serves it.");
  }
  return record::MakeStatus(record::kUnimplemented, "NOT_SERVED",
                            "This process does not serve " + names + ".", {{"service", names}});
}

bool MayReadHere(const Place& place, const shard::ReadOptions& read) {
  return place.here || (place.shard != nullptr && read.max_staleness_us >= 0);
}

Dispatcher::Dispatcher(DispatcherOptions options, const record::Catalogue& catalogue, Host& host,
                       const record::Clock& clock)
    : parts_(new Parts{options, catalogue, host, clock,
                       Directory(host, catalogue, clock, options.identity_max_age_us)}) {}

Dispatcher::~Dispatcher() = default;

// The metadata `crm-service` names one that there is.
record::Status Dispatcher::Parts::CheckService(const Call& call) const {
  const std::string_view wanted = Find(call.metadata, "crm-service");
  if (wanted.empty()) return {};
  std::set<std::string> services;
  for (const record::RecordType* type : catalogue.Types())
    services.insert(type->services.begin(), type->services.end());
  if (services.contains(std::string(wanted))) return {};
  return record::InvalidArgument(
      {{"crm-service", "INVALID_VALUE", "It is one of " + Listed(services) + "."}});
}

record::Status Dispatcher::Parts::Prepare(const Call& call, Route* route) const {
  route->method = catalogue.FindMethod(call.path);
  if (route->method == nullptr) {
    return record::MakeStatus(record::kUnimplemented, "UNKNOWN_METHOD",
                              "There is no method " + call.path + ".");
  }
  route->type = route->method->type;
  route->generic = route->type == nullptr;
  record::Status status = Authenticate(call, options, &route->principal);
  if (status.code() != record::kOk) return status;
  if (call.request.size() > options.max_request_bytes) {
    return record::MakeStatus(
        record::kResourceExhausted, "REQUEST_TOO_LARGE",
        "A request has at most " + std::to_string(options.max_request_bytes) + " bytes.");
  }
  if (call.deadline <= clock.Boottime()) {
    return record::MakeStatus(record::kDeadlineExceeded, "DEADLINE_PASSED",
                              "The deadline passed before the call began.");
  }
  status = CheckService(call);
  if (status.code() != record::kOk) return status;
  auto normal = record::Normalise(*route->method->request, call.request);
  if (!normal)
    return record::MakeStatus(record::kInvalidArgument, "MALFORMED_REQUEST", normal.error().text);
  route->request = std::move(*normal);
  return {};
}

void Dispatcher::Parts::Admit(const Call& call, Route route, const Done& fail, Proceed proceed) {
  const std::string tenant = route.principal.tenant;
  const Place place = route.place;
  const auto min_position = route.method == nullptr ? WantedPosition() : MinPositionOf(route);
  const auto wanted = IdentityPositionOf(call, place.service, min_position);
  if (auto known = directory.FindNow(tenant, place, wanted))
    return Admitted(call, std::move(route), std::move(*known), fail, proceed);
  directory.Find(
      tenant, place, wanted,
      [this, call, route = std::move(route), fail, proceed = std::move(proceed)](
          Directory::Known known) { Admitted(call, route, std::move(known), fail, proceed); });
}

void Dispatcher::Parts::Admitted(const Call& call, Route route, Directory::Known known,
                                 const Done& fail, const Proceed& proceed) const {
  // Identity's partition, which this process was the owner of, is being handed over.
  if (record::ReasonOf(known.status) == kNotServing && route.place.partition >= 0)
    return fail(AnswerElsewhere(route.place));
  if (known.status.code() != record::kOk) return Fail(fail, std::move(known.status));
  Admission admission =
      rpc::Admit(call, route.principal, std::move(known.organization), options.founded_only);
  if (admission.status.code() != record::kOk) return Fail(fail, std::move(admission.status));
  route.principal.user = std::move(admission.user);
  route.organization = std::move(admission.organization);
  route.subject = admission.subject;
  route.identity_age_us = known.age_us;
  proceed(call, std::move(route));
}

void Dispatcher::Unary(Call call, std::function<void(Answer)> done) {
  if (call.path == kVerify) return parts_->Verify(call, std::move(done));
  if (call.path == kDescriptors) return parts_->Descriptors(call, done);
  if (call.path.starts_with(kReactors) && parts_->catalogue.FindMethod(call.path))
    return parts_->Reactors(call, std::move(done));
  Route route;
  record::Status status = parts_->Prepare(call, &route);
  if (status.code() != record::kOk) return Fail(done, std::move(status));
  if (route.method->streams) {
    return Fail(done, record::MakeStatus(record::kUnimplemented, "IS_A_STREAM",
                                         call.path + " is a stream."));
  }
  if (!route.method->command.batch_of().empty()) {
    if (route.type != nullptr) {
      // As a whole, rather than one by one.
      route.place = PlaceFor(parts_->host, *route.type, call, route.principal.tenant);
      if (route.place.partition >= 0 && !route.place.here)
        return done(AnswerElsewhere(route.place));
    }
    return parts_->Admit(call, std::move(route), done,
                         [this, done](const Call& whole, Route admitted) {
                           RunBatchCommand(
                               admitted, whole, parts_->options.max_batch,
                               [this](Call one, std::function<void(Answer)> taken) {
                                 Unary(std::move(one), std::move(taken));
                               },
                               done);
                         });
  }
  if (IsRead(*route.method)) return parts_->Read(call, std::move(route), std::move(done));
  parts_->Write(call, std::move(route), std::move(done));
}

bool Dispatcher::MayRepeat(const Call& call) const {
  const record::Method* method = parts_->catalogue.FindMethod(call.path);
  if (method == nullptr || method->streams || IsRead(*method)) return true;
  const record::Field* field = method->request->Find("request_id");
  auto spans = record::Spans::Read(call.request);
  return field != nullptr && spans && !spans->Text(field->number).empty();
}

bool Dispatcher::Streams(const std::string& path) const {
  const record::Method* method = parts_->catalogue.FindMethod(path);
  return method != nullptr && method->streams;
}

}  // namespace crm::rpc
