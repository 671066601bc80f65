#include "libs/query/position.h"
#include "libs/record/validate.h"
#include "libs/rpc/caller.h"
#include "libs/rpc/dispatcher_parts.h"
#include "libs/rpc/question.h"
#include "libs/rpc/watch.h"

namespace crm::rpc {
namespace {

constexpr uint32_t kFilter = 1, kPosition = 2, kInitialState = 3, kUntilNow = 4;

// A stream that has nothing but its end.
class Ended final : public Stream {
 public:
  explicit Ended(record::Status status) : status_(std::move(status)) {}
  explicit Ended(Answer answer)
      : status_(std::move(answer.status)), elsewhere_(std::move(answer.elsewhere)) {}
  void Initial(std::function<void(std::optional<Metadata>)> done) override { done(std::nullopt); }
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

// What a request asks to watch.
struct Wanted {
  query::Position after;
  bool from_now = false;
  bool initial_state = false;
  bool until_now = false;
};

Wanted WantedOf(const Route& route, std::vector<record::Violation>* violations) {
  const auto spans = record::Spans::Read(QuestionOf(route));
  if (spans->Has(kFilter))
    violations->push_back({PathOf(route, "filter"), "INVALID_VALUE", "filter must be empty."});
  const std::string_view text = spans->Text(kPosition);
  const auto position = text.empty() ? query::Position{} : query::Position::Decode(text);
  if (!position)
    violations->push_back({PathOf(route, "position"), "INVALID_POSITION",
                           "This is no position that a server gave out."});
  return {position.value_or(query::Position{}), text.empty(), spans->Integer(kInitialState) != 0,
          spans->Integer(kUntilNow) != 0};
}

}  // namespace

std::shared_ptr<Stream> Dispatcher::Open(Call call) {
  Route route;
  record::Status status = parts_->Prepare(call, &route);
  if (status.code() != record::kOk) return std::make_shared<Ended>(std::move(status));
  if (!route.method->streams) {
    return std::make_shared<Ended>(
        record::MakeStatus(record::kUnimplemented, "NO_STREAM", call.path + " is no stream."));
  }
  std::vector<record::Violation> violations =
      record::ValidateRequest(*route.method->request, route.request);
  route.type = TypeOfRequest(route, parts_->catalogue);
  if (route.type == nullptr) AddOnce(UnknownCollection(route), &violations);
  const Wanted wanted = WantedOf(route, &violations);
  if (route.type != nullptr) {
    route.place = PlaceFor(parts_->host, *route.type, call, route.principal.tenant);
    if (route.place.partition < 0) return std::make_shared<Ended>(NotServed(route.type->services));
  }
  shard::ReadOptions read;
  ReadOptionsOf(call, route.place.service, {}, &read, &violations);
  if (!violations.empty()) return std::make_shared<Ended>(record::InvalidArgument(violations));
  // It goes on for as long as the caller listens; a barrier for each look would fill the log.
  read.deadline = INT64_MAX;
  read.confirmed = false;
  if (!MayReadHere(route.place, read)) return std::make_shared<Ended>(AnswerElsewhere(route.place));
  if (wanted.after.offset >= read.min_position && wanted.after.offset >= 0) {
    read.min_position = wanted.after.offset;
    read.log_id = wanted.after.log_id;
    read.position_field = route.generic ? "watch.position" : "position";
  }
  Watcher watcher{std::move(call), std::move(route), parts_->options.founded_only,
                  parts_->catalogue, parts_->directory};
  return OpenWatch(std::move(watcher), read, wanted.initial_state, wanted.after.offset,
                   wanted.from_now, wanted.until_now);
}

}  // namespace crm::rpc
