#include "libs/rpc/timeline.h"

#include <algorithm>

#include "crm/record/v1/timeline.pb.h"
#include "libs/query/page_token.h"
#include "libs/query/timeline.h"
#include "libs/record/image.h"
#include "libs/rpc/sight.h"

namespace crm::rpc {
namespace {

using record::Violation;
using record::v1::ListTimelineResponse;

constexpr size_t kDefaultPage = 50, kLargestPage = 1'000, kMostChanges = 1'000;

// What both lists have in common.
struct Page {
  size_t size = kDefaultPage;
  std::string question;
  query::PageToken token;
};

Answer Faulty(const std::vector<Violation>& violations) {
  Answer answer;
  answer.status = record::InvalidArgument(violations);
  return answer;
}

template <class Request>
Page PageOf(const ReadContext& context, Request request, std::vector<Violation>* violations) {
  Page page;
  if (request.page_size() < 0)
    violations->push_back({"page_size", "OUT_OF_RANGE", "A page has 1 to 1000 items; 0 means 50."});
  if (request.page_size() > 0)
    page.size = std::min(static_cast<size_t>(request.page_size()), kLargestPage);
  const std::string token = request.page_token();
  request.clear_page_size();
  request.clear_page_token();
  request.clear_min_position();
  page.question = context.route.principal.tenant + '\0' + context.route.method->path + '\0' +
                  request.SerializeAsString();
  if (token.empty()) return page;
  auto opened = query::PageToken::Open(token, context.options.token_key, page.question);
  if (opened) {
    page.token = *opened;
  } else {
    violations->push_back(
        {"page_token", "INVALID_PAGE_TOKEN",
         "The token is not one of this server's, or is of a list with other fields."});
  }
  return page;
}

void SetTime(int64_t time_us, google::protobuf::Timestamp* time) {
  time->ParseFromString(record::TimestampBytes(time_us));
}

struct Entry {
  std::string key;
  record::v1::TimelineEntry entry;
};

std::vector<Entry> EntriesOf(const std::vector<query::TimelineItem>& items) {
  std::vector<Entry> entries;
  for (const query::TimelineItem& item : items) {
    Entry& next = entries.emplace_back();
    next.key = item.key;
    SetTime(item.time_us, next.entry.mutable_time());
    next.entry.set_via(item.via);
    next.entry.mutable_record()->ParseFromString(AnyBytes(*item.type, item.image));
  }
  return entries;
}

// The record's own changes below the token's key, newest first.
void AddChanges(const ReadContext& context, const query::Moment& moment, const Target& target,
                const Page& page, std::vector<Entry>* entries, bool* truncated) {
  auto events = moment.view.History({moment.tenant, target.type->number, target.id}, store::kNow,
                                    kMostChanges + 1);
  *truncated = *truncated || events.size() > kMostChanges;
  size_t added = 0;
  for (const log::Stored& event : events) {
    if (added > page.size) break;
    auto change = query::DescribeChange(moment.view, moment.tenant, *target.type, target.id, event);
    const int64_t time = change.time().seconds() * 1'000'000 + change.time().nanos() / 1'000;
    Entry own;
    own.key = query::TimelineKey(time, change.etag());
    if (!page.token.last_key.empty() && own.key >= page.token.last_key) continue;
    MaskChange(context.route.subject, *target.type, &change);
    change.set_position(PositionText(context.shard, event.offset));
    SetTime(time, own.entry.mutable_time());
    own.entry.set_via(change.name());
    *own.entry.mutable_change() = std::move(change);
    entries->push_back(std::move(own));
    ++added;
  }
}

Answer Answered(const ReadContext& context, const store::View& view, const Page& page,
                std::vector<Entry> entries, bool truncated) {
  ListTimelineResponse response;
  if (entries.size() > page.size) {
    entries.resize(page.size);
    response.set_next_page_token(
        query::PageToken{entries.back().key, -1}.Seal(context.options.token_key, page.question));
  }
  for (Entry& entry : entries) *response.add_entries() = std::move(entry.entry);
  response.set_truncated(truncated);
  response.set_position(PositionText(context.shard, view.applied() - 1));
  Answer answer;
  answer.body = response.SerializeAsString();
  answer.initial.push_back({"crm-position", response.position()});
  return answer;
}

// Whose list it is.
std::string UserOf(const ReadContext& context, const std::string& given,
                   std::vector<Violation>* violations) {
  if (given.empty()) return context.route.principal.user;
  if (!given.starts_with("users/") || !record::Name::Parse(given))
    violations->push_back({"user", "BAD_REFERENCE", "A user is users/ and a UUID in lower case."});
  return given;
}

// The first key of what has this time or a later one.
std::string KeyAt(const google::protobuf::Timestamp& time) {
  return query::TimelineKey(time.seconds() * 1'000'000 + time.nanos() / 1'000, "");
}

}  // namespace

Answer AnswerTimeline(const ReadContext& context, const store::View& view) {
  auto violations = FaultsOf(context);
  record::v1::ListTimelineRequest request;
  request.ParseFromString(context.route.request);
  const Page page = PageOf(context, request, &violations);
  auto target = ParseTarget(context.catalogue, nullptr, request.name(), "name", &violations);
  if (!target || !violations.empty()) return Faulty(violations);
  auto tenant = view.Tenant(context.route.principal.tenant);
  Answer missing;
  missing.status = record::NotFound(request.name());
  if (!tenant) return missing;
  std::optional<query::Moment> seen = query::Moment::At(view, context.catalogue, *tenant);
  const Sight sight(context.route, context.catalogue, &seen);
  const query::Moment& moment = *seen;
  if (!query::ReadRecord(moment, *target->type, target->id)) return missing;
  bool truncated = false;
  const auto sources = query::SourcesOf(moment, context.catalogue, *target->type, target->id,
                                        request.only_own(), &truncated);
  auto entries =
      EntriesOf(query::ReadTimeline(moment, sources, page.token.last_key, page.size + 1));
  AddChanges(context, moment, *target, page, &entries, &truncated);
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) { return a.key > b.key; });
  return Answered(context, view, page, std::move(entries), truncated);
}

Answer AnswerFeed(const ReadContext& context, const store::View& view) {
  auto violations = FaultsOf(context);
  record::v1::ListFeedRequest request;
  request.ParseFromString(context.route.request);
  const Page page = PageOf(context, request, &violations);
  const std::string user = UserOf(context, request.user(), &violations);
  if (!violations.empty()) return Faulty(violations);
  auto tenant = view.Tenant(context.route.principal.tenant);
  bool truncated = false;
  std::vector<Entry> entries;
  if (tenant) {
    std::optional<query::Moment> seen = query::Moment::At(view, context.catalogue, *tenant);
    const Sight sight(context.route, context.catalogue, &seen);
    const query::Moment& moment = *seen;
    const auto sources = query::FeedOf(moment, context.catalogue, user, &truncated);
    entries = EntriesOf(query::ReadTimeline(moment, sources, page.token.last_key, page.size + 1));
  }
  return Answered(context, view, page, std::move(entries), truncated);
}

Answer AnswerAgenda(const ReadContext& context, const store::View& view) {
  auto violations = FaultsOf(context);
  record::v1::ListAgendaRequest request;
  request.ParseFromString(context.route.request);
  const Page page = PageOf(context, request, &violations);
  const std::string user = UserOf(context, request.user(), &violations);
  if (!violations.empty()) return Faulty(violations);
  std::string after = page.token.last_key;
  if (after.empty() && request.has_due_from()) after = KeyAt(request.due_from());
  const std::string until = request.has_due_until() ? KeyAt(request.due_until()) : "";
  auto tenant = view.Tenant(context.route.principal.tenant);
  std::vector<Entry> entries;
  if (tenant && (until.empty() || after < until)) {
    std::optional<query::Moment> seen = query::Moment::At(view, context.catalogue, *tenant);
    const Sight sight(context.route, context.catalogue, &seen);
    const query::Moment& moment = *seen;
    const auto sources = query::AgendaOf(context.catalogue, user);
    entries = EntriesOf(query::ReadAgenda(moment, sources, after, until, page.size + 1));
  }
  return Answered(context, view, page, std::move(entries), false);
}

}  // namespace crm::rpc
