#include "libs/rpc/dispatcher.h"

#include "crm/record/v1/descriptors.pb.h"
#include "crm/record/v1/verification.pb.h"
#include "libs/query/position.h"
#include "libs/record/image.h"
#include "libs/record/validate.h"
#include "libs/rpc/batch_commands.h"
#include "libs/rpc/caller.h"
#include "libs/rpc/reactors.h"
#include "libs/rpc/reads.h"
#include "libs/rpc/timeline.h"
#include "libs/rpc/watch.h"
#include "libs/rpc/writes.h"
#include "libs/store/missing.h"

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

record::Status NotServed() {
  return record::MakeStatus(record::kUnimplemented, "NOT_SERVED",
                            "No service of this process serves it.");
}

// The owner's, or a standby's that the caller is content with (which may still be too far behind).
bool MayReadHere(const Place& place, const shard::ReadOptions& read) {
  return place.here || (place.shard != nullptr && read.max_staleness_us >= 0);
}

// A list that is about a user, not about records of one type.
bool IsOfUser(const record::Method& method) {
  return method.path == kListFeed || method.path == kListAgenda;
}

bool IsRead(const record::Method& method) {
  const MethodKind kind = method.kind;
  return method.path == kListTimeline || IsOfUser(method) || kind == MethodKind::kGet ||
         kind == MethodKind::kList || kind == MethodKind::kBatchGet || kind == MethodKind::kHistory;
}

// The first record type that a generic request is about; it decides where the call goes.
const record::RecordType* FirstType(const Route& route, const shard::Command& command) {
  return route.type != nullptr || command.writes.empty() ? route.type : command.writes.front().type;
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
  explicit Ended(Answer answer)
      : status_(std::move(answer.status)), elsewhere_(std::move(answer.elsewhere)) {}
  void Next(std::function<void(Item)> done) override {
    Item item;
    item.end = true;
    item.status = status_;
    item.elsewhere = elsewhere_;
    done(std::move(item));
  }
  void Cancel() override {}

 private:
  record::Status status_;
  std::optional<Elsewhere> elsewhere_;
};

}  // namespace

struct Dispatcher::Parts {
  // What every method needs: known path, principal, canonical request.
  record::Status Prepare(const Call& call, Route* route) const;
  void Write(const Call& call, Route route, Done done) const;
  void Read(const Call& call, Route route, Done done) const;
  void Verify(const Call& call, Done done) const;
  void Descriptors(const Call& call, const Done& done) const;

  const DispatcherOptions options;
  const record::Catalogue& catalogue;
  Host& host;
  const record::Clock& clock;
};

Dispatcher::Dispatcher(DispatcherOptions options, const record::Catalogue& catalogue, Host& host,
                       const record::Clock& clock)
    : parts_(new Parts{std::move(options), catalogue, host, clock}) {}

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

void Dispatcher::Parts::Write(const Call& call, Route route, Done done) const {
  shard::Command command;
  record::Status status = ReadCommand(route, call, catalogue, options, &command);
  if (status.code() != record::kOk) return Fail(done, std::move(status));
  const record::RecordType* type = FirstType(route, command);
  if (type != nullptr) route.place = PlaceFor(host, *type, call, route.principal.tenant);
  if (route.place.partition < 0) return Fail(done, NotServed());
  if (!route.place.here) return done(AnswerElsewhere(route.place));
  shard::Shard* shard = route.shard();
  command.done = [answering = AnsweringOf(route, command), place = route.place, shard,
                  done = std::move(done)](shard::Outcome outcome) {
    if (outcome.not_served) return done(AnswerElsewhere(place));
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

namespace {

Answer AnswerRead(const ReadContext& context, const store::View& view) {
  const record::Method& method = *context.route.method;
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

void Dispatcher::Parts::Read(const Call& call, Route route, Done done) const {
  record::Status status;
  const record::RecordType* type = IsOfUser(*route.method)
                                       ? catalogue.FindType("posts")
                                       : TypeOfRequest(route, catalogue, &status);
  if (type == nullptr) return Fail(done, std::move(status));
  route.place = PlaceFor(host, *type, call, route.principal.tenant);
  if (route.place.partition < 0) return Fail(done, NotServed());
  shard::ReadOptions read;
  status = ReadOptionsOf(call, MinPositionOf(route), &read);
  if (status.code() != record::kOk) return Fail(done, std::move(status));
  if (!MayReadHere(route.place, read)) return done(AnswerElsewhere(route.place));
  shard::Shard* shard = route.shard();
  shard->Read(read,
              [this, route = std::move(route), done = std::move(done)](shard::ReadResult result) {
                if (result.not_served) return done(AnswerElsewhere(route.place));
                if (!result.view) return Fail(done, std::move(result.status));
                const ReadContext context{route, catalogue, options, *route.shard()};
                Answer answer = AnswerRead(context, *result.view);
                const auto missing = result.view->TakeMissing();
                if (!missing.empty()) return Fail(done, store::IndexBeingBuilt(missing));
                done(std::move(answer));
              });
}

void Dispatcher::Parts::Verify(const Call& call, Done done) const {
  shard::Principal principal;
  record::Status status = Authenticate(call, options, &principal);
  if (status.code() != record::kOk) return Fail(done, std::move(status));
  record::v1::VerifyRequest request;
  if (!request.ParseFromString(call.request)) {
    return Fail(done, record::MakeStatus(record::kInvalidArgument, "MALFORMED_REQUEST",
                                         "The request is no VerifyRequest."));
  }
  const auto services = host.Services();
  const std::string_view wanted = Find(call.metadata, "crm-service");
  Place place;
  if (!services.empty())
    place = host.Find(wanted.empty() ? services.front() : wanted, principal.tenant);
  if (place.partition < 0) return Fail(done, NotServed());
  shard::ReadOptions read;
  status = ReadOptionsOf(call, request.min_position(), &read);
  if (status.code() != record::kOk) return Fail(done, std::move(status));
  if (!MayReadHere(place, read)) return done(AnswerElsewhere(place));
  place.shard->Read(
      read, [place, tenant = principal.tenant, done = std::move(done)](shard::ReadResult result) {
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
  if (call.path == kVerify) return parts_->Verify(call, std::move(done));
  if (call.path == kDescriptors) return parts_->Descriptors(call, done);
  if (call.path.starts_with(kReactors) && parts_->catalogue.FindMethod(call.path)) {
    shard::Principal principal;
    record::Status known = Authenticate(call, parts_->options, &principal);
    if (known.code() != record::kOk) return Fail(done, std::move(known));
    return AnswerReactors(call, principal.tenant, parts_->host, std::move(done));
  }
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
    return RunBatchCommand(
        route, call, parts_->options.max_batch,
        [this](Call one, std::function<void(Answer)> taken) {
          Unary(std::move(one), std::move(taken));
        },
        std::move(done));
  }
  if (IsRead(*route.method)) return parts_->Read(call, std::move(route), std::move(done));
  parts_->Write(call, std::move(route), std::move(done));
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
  route.place = PlaceFor(parts_->host, *route.type, call, route.principal.tenant);
  if (route.place.partition < 0) return std::make_shared<Ended>(NotServed());
  shard::ReadOptions read;
  status = ReadOptionsOf(call, "", &read);
  if (status.code() != record::kOk) return std::make_shared<Ended>(std::move(status));
  // It goes on for as long as the caller listens; a barrier for each look would fill the log.
  read.deadline = INT64_MAX;
  read.confirmed = false;
  if (!MayReadHere(route.place, read)) return std::make_shared<Ended>(AnswerElsewhere(route.place));
  if (position->offset >= read.min_position && position->offset >= 0) {
    read.min_position = position->offset;
    read.log_id = position->log_id;
  }
  return OpenWatch(std::move(route), parts_->catalogue, read, spans->Integer(3) != 0,
                   position->offset, text.empty(), spans->Integer(4) != 0);
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
