#include "libs/rpc/dispatcher.h"

#include "crm/record/v1/descriptors.pb.h"
#include "crm/record/v1/verification.pb.h"
#include "libs/query/position.h"
#include "libs/record/image.h"
#include "libs/record/validate.h"
#include "libs/rpc/access_reads.h"
#include "libs/rpc/batch_commands.h"
#include "libs/rpc/caller.h"
#include "libs/rpc/directory.h"
#include "libs/rpc/reads.h"
#include "libs/rpc/timeline.h"
#include "libs/rpc/watch.h"
#include "libs/rpc/writes.h"

namespace crm::rpc {
namespace {

using record::MethodKind;
using Done = std::function<void(Answer)>;

constexpr std::string_view kVerify = "/crm.record.v1.Verification/Verify";
constexpr std::string_view kDescriptors = "/crm.record.v1.Descriptors/GetDescriptors";

void Fail(const Done& done, record::Status status) {
  Answer answer;
  answer.status = std::move(status);
  done(std::move(answer));
}

// A list that is about a user, not about records of one type.
bool IsOfUser(const record::Method& method) {
  return method.path == kListFeed || method.path == kListAgenda;
}

bool IsRead(const record::Method& method) {
  const MethodKind kind = method.kind;
  return method.path == kListTimeline || method.path == kExplainAccess ||
         method.path == kListWhoCan || IsOfUser(method) || kind == MethodKind::kGet ||
         kind == MethodKind::kList || kind == MethodKind::kBatchGet || kind == MethodKind::kHistory;
}

// The first record type that a generic request is about; it decides where the call goes.
const record::RecordType* FirstType(const Route& route, const shard::Command& command,
                                    const record::Catalogue& catalogue) {
  if (route.type != nullptr) return route.type;
  if (!command.writes.empty()) return command.writes.front().type;
  auto spans = record::Spans::Read(command.request);
  const std::string_view name = spans ? spans->Text(record::kName) : "";
  return catalogue.FindType(name.substr(0, name.find('/')));
}

// Metadata is small: what does not fit is only counted.
std::string EventsText(const shard::Outcome& outcome) {
  constexpr size_t kLongest = 1'500;
  std::string text;
  size_t shown = 0;
  for (const auto& [type, name] : outcome.events) {
    if (text.size() + type.size() + name.size() > kLongest) break;
    text += (text.empty() ? "" : ", ") + type + " " + name;
    ++shown;
  }
  const size_t left = outcome.events.size() - shown;
  return left == 0 ? text : text + ", and " + std::to_string(left) + " more";
}

// A stream that has nothing but its end.
class Ended final : public Stream {
 public:
  explicit Ended(record::Status status) : status_(std::move(status)) {}
  void Next(std::function<void(Item)> done) override {
    Item item;
    item.end = true;
    item.status = status_;
    done(std::move(item));
  }
  void Cancel() override {}

 private:
  record::Status status_;
};

}  // namespace

struct Dispatcher::Parts {
  // What every method needs: known path, principal, canonical request.
  record::Status Prepare(const Call& call, Route* route) const;
  // Who calls, and by which rights; then goes on, or fails.
  void Admit(const Call& call, const Route& route, const Done& fail,
             std::function<void(Route)> proceed);
  void Write(const Call& call, Route route, Done done) const;
  void Read(const Call& call, Route route, Done done) const;
  void Verify(const Call& call, const Route& route, Done done) const;
  void Descriptors(const Call& call, const Done& done) const;

  const DispatcherOptions options;
  const record::Catalogue& catalogue;
  Host& host;
  const record::Clock& clock;
  Directory directory;
};

Dispatcher::Dispatcher(DispatcherOptions options, const record::Catalogue& catalogue, Host& host,
                       const record::Clock& clock)
    : parts_(new Parts{std::move(options), catalogue, host, clock,
                       Directory(host, catalogue, clock)}) {}

Dispatcher::~Dispatcher() = default;

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
  auto normal = record::Normalise(*route->method->request, call.request);
  if (!normal)
    return record::MakeStatus(record::kInvalidArgument, "MALFORMED_REQUEST", normal.error().text);
  route->request = std::move(*normal);
  return {};
}

void Dispatcher::Parts::Admit(const Call& call, const Route& route, const Done& fail,
                              std::function<void(Route)> proceed) {
  directory.Find(
      route.principal.tenant,
      [this, call, route, fail, proceed = std::move(proceed)](
          record::Status status, std::shared_ptr<const access::Organization> organization) {
        if (status.code() != record::kOk) return Fail(fail, std::move(status));
        Admission admission =
            rpc::Admit(call, route.principal, std::move(organization), options.founded_only);
        if (admission.status.code() != record::kOk) return Fail(fail, std::move(admission.status));
        Route admitted = route;
        admitted.principal.user = std::move(admission.user);
        admitted.organization = std::move(admission.organization);
        admitted.subject = admission.subject;
        proceed(std::move(admitted));
      });
}

void Dispatcher::Parts::Write(const Call& call, Route route, Done done) const {
  shard::Command command;
  record::Status status = ReadCommand(route, call, catalogue, options, &command);
  if (status.code() != record::kOk) return Fail(done, std::move(status));
  const record::RecordType* type = FirstType(route, command, catalogue);
  route.shard = type == nullptr ? nullptr : ShardFor(host, *type, call, route.principal.tenant);
  if (route.shard == nullptr) {
    return Fail(done, record::MakeStatus(record::kUnimplemented, "NOT_SERVED",
                                         "No service of this process serves it."));
  }
  shard::Shard* shard = route.shard;
  command.done = [answering = AnsweringOf(route, command), shard,
                  done = std::move(done)](shard::Outcome outcome) {
    Answer answer;
    answer.status = std::move(outcome.status);
    if (answer.status.code() == record::kOk) {
      const std::string position = PositionText(*shard, outcome.position);
      answer.body = WriteResponse(answering, outcome, position);
      answer.initial.push_back({"crm-position", position});
      if (answering.validate_only) answer.trailing.push_back({"crm-events", EventsText(outcome)});
    }
    done(std::move(answer));
  };
  shard->Submit(std::move(command));
}

void Dispatcher::Parts::Read(const Call& call, Route route, Done done) const {
  record::Status status;
  const record::RecordType* type = IsOfUser(*route.method)
                                       ? catalogue.FindType("posts")
                                       : TypeOfRequest(route, catalogue, &status);
  if (type == nullptr) return Fail(done, std::move(status));
  route.shard = ShardFor(host, *type, call, route.principal.tenant);
  if (route.shard == nullptr) {
    return Fail(done, record::MakeStatus(record::kUnimplemented, "NOT_SERVED",
                                         "No service of this process serves it."));
  }
  shard::ReadOptions read;
  status = ReadOptionsOf(call, MinPositionOf(route), &read);
  if (status.code() != record::kOk) return Fail(done, std::move(status));
  shard::Shard* shard = route.shard;
  shard->Read(read,
              [this, route = std::move(route), done = std::move(done)](shard::ReadResult result) {
                if (!result.view) return Fail(done, std::move(result.status));
                const ReadContext context{route, catalogue, options, *route.shard};
                if (route.method->path == kExplainAccess)
                  return done(AnswerExplain(context, *result.view));
                if (route.method->path == kListWhoCan)
                  return done(AnswerWhoCan(context, *result.view));
                if (route.method->path == kListTimeline)
                  return done(AnswerTimeline(context, *result.view));
                if (route.method->path == kListFeed) return done(AnswerFeed(context, *result.view));
                if (route.method->path == kListAgenda)
                  return done(AnswerAgenda(context, *result.view));
                switch (route.method->kind) {
                  case MethodKind::kGet:
                    return done(AnswerGet(context, *result.view));
                  case MethodKind::kList:
                    return done(AnswerList(context, *result.view));
                  case MethodKind::kBatchGet:
                    return done(AnswerBatchGet(context, *result.view));
                  default:
                    return done(AnswerHistory(context, *result.view));
                }
              });
}

void Dispatcher::Parts::Verify(const Call& call, const Route& route, Done done) const {
  const shard::Principal& principal = route.principal;
  if (route.subject != nullptr && !route.subject->administrator()) {
    return Fail(done, record::MakeStatus(record::kPermissionDenied, "MISSING_PRIVILEGE",
                                         "Only administrators compare projections.",
                                         {{"privilege", "ADMINISTRATOR"}}));
  }
  record::v1::VerifyRequest request;
  if (!request.ParseFromString(call.request)) {
    return Fail(done, record::MakeStatus(record::kInvalidArgument, "MALFORMED_REQUEST",
                                         "The request is no VerifyRequest."));
  }
  const std::string_view wanted = Find(call.metadata, "crm-service");
  shard::Shard* shard =
      host.Find(wanted.empty() ? FirstService(host) : std::string(wanted), principal.tenant);
  if (shard == nullptr) {
    return Fail(done, record::MakeStatus(record::kUnimplemented, "NOT_SERVED",
                                         "No such service runs in this process."));
  }
  shard::ReadOptions read;
  record::Status status = ReadOptionsOf(call, request.min_position(), &read);
  if (status.code() != record::kOk) return Fail(done, std::move(status));
  shard->Read(read,
              [shard, tenant = principal.tenant, done = std::move(done)](shard::ReadResult result) {
                if (!result.view) return Fail(done, std::move(result.status));
                record::v1::VerifyResponse response;
                response.set_position(PositionText(*shard, result.view->applied() - 1));
                for (auto& [section, hash] : result.view->Verify(tenant))
                  (*response.mutable_hashes())[section] = hash;
                Answer answer;
                answer.body = response.SerializeAsString();
                answer.initial.push_back({"crm-position", response.position()});
                done(std::move(answer));
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

void Dispatcher::Unary(Call call, std::function<void(Answer)> done) {
  if (call.path == kDescriptors) return parts_->Descriptors(call, done);
  Route route;
  if (call.path == kVerify) {
    record::Status status = Authenticate(call, parts_->options, &route.principal);
    if (status.code() != record::kOk) return Fail(done, std::move(status));
    return parts_->Admit(call, route, done, [this, call, done](const Route& admitted) {
      parts_->Verify(call, admitted, done);
    });
  }
  record::Status status = parts_->Prepare(call, &route);
  if (status.code() != record::kOk) return Fail(done, std::move(status));
  if (route.method->streams) {
    return Fail(done, record::MakeStatus(record::kUnimplemented, "IS_A_STREAM",
                                         call.path + " is a stream."));
  }
  parts_->Admit(call, route, done, [this, call, done](Route admitted) {
    if (!admitted.method->command.batch_of().empty()) {
      return RunBatchCommand(
          admitted, call, parts_->options.max_batch,
          [this](Call one, std::function<void(Answer)> taken) {
            Unary(std::move(one), std::move(taken));
          },
          done);
    }
    if (IsRead(*admitted.method)) return parts_->Read(call, std::move(admitted), done);
    parts_->Write(call, std::move(admitted), done);
  });
}

std::shared_ptr<Stream> Dispatcher::Open(Call call) {
  Route route;
  record::Status status = parts_->Prepare(call, &route);
  if (status.code() != record::kOk) return std::make_shared<Ended>(std::move(status));
  if (!route.method->streams || route.type == nullptr) {
    return std::make_shared<Ended>(
        record::MakeStatus(record::kUnimplemented, "NO_STREAM", call.path + " is no stream."));
  }
  std::vector<record::Violation> violations =
      record::ValidateRequest(*route.method->request, route.request);
  auto spans = record::Spans::Read(route.request);
  if (spans->Has(1)) violations.push_back({"filter", "INVALID_VALUE", "filter must be empty."});
  const std::string_view text = spans->Text(2);
  auto position = text.empty() ? query::Position{} : query::Position::Decode(text);
  if (!position)
    violations.push_back(
        {"position", "INVALID_POSITION", "This is no position that a server gave out."});
  if (!violations.empty()) return std::make_shared<Ended>(record::InvalidArgument(violations));
  route.shard = ShardFor(parts_->host, *route.type, call, route.principal.tenant);
  if (route.shard == nullptr) {
    return std::make_shared<Ended>(record::MakeStatus(record::kUnimplemented, "NOT_SERVED",
                                                      "No service of this process serves it."));
  }
  shard::ReadOptions read;
  if (position->offset >= 0) {
    read.min_position = position->offset;
    read.log_id = position->log_id;
  }
  const bool initial_state = spans->Integer(3) != 0;
  const bool until_now = spans->Integer(4) != 0;
  Watcher watcher{std::move(call), std::move(route), parts_->options.founded_only,
                  parts_->catalogue, parts_->directory};
  return OpenWatch(std::move(watcher), read, initial_state, position->offset, text.empty(),
                   until_now);
}

bool Dispatcher::Streams(const std::string& path) const {
  const record::Method* method = parts_->catalogue.FindMethod(path);
  return method != nullptr && method->streams;
}

}  // namespace crm::rpc
