#include "crm/sales/v1/opportunity_close.pb.h"
#include "libs/record/image.h"
#include "services/sales/opportunity.h"

// Winning, losing and reopening an opportunity.
namespace crm::sales {
namespace {

using google::type::Date;
using shard::Refusal;
using v1::Opportunity;
using v1::OpportunityClose;

constexpr int64_t kDay = 86'400LL * 1'000'000;

// Howard Hinnant's civil_from_days, in UTC.
Date DayOf(record::Instant time) {
  int64_t days = time / kDay + 719'468;
  const int64_t era = days / 146'097;
  const int64_t day_of_era = days - era * 146'097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t month = (5 * day_of_year + 2) / 153;
  Date date;
  date.set_day(static_cast<int>(day_of_year - (153 * month + 2) / 5 + 1));
  date.set_month(static_cast<int>(month < 10 ? month + 3 : month - 9));
  date.set_year(static_cast<int>(year_of_era + era * 400 + (date.month() <= 2 ? 1 : 0)));
  return date;
}

// What is remembered of the end; the opportunity is as it was before.
OpportunityClose CloseOf(const Opportunity& opportunity, const Date& date, shard::Transaction& tx) {
  OpportunityClose close;
  close.set_name("opportunity_closes/" + tx.NewId().Text());
  close.set_owner(opportunity.owner());
  close.set_regarding(opportunity.name());
  close.set_state(OpportunityClose::STATE_COMPLETED);
  close.set_status(OpportunityClose::STATUS_COMPLETED);
  close.set_previous_probability(opportunity.close_probability());
  *close.mutable_close_date() = date;
  close.mutable_activity_time()->ParseFromString(record::TimestampBytes(tx.time()));
  return close;
}

bool IsOfLost(Opportunity::Status status) {
  return status == Opportunity::STATUS_CANCELED || status == Opportunity::STATUS_OUT_SOLD;
}

Opportunity::Status LostStatus(const v1::LoseOpportunityRequest& request) {
  if (request.status() != Opportunity::STATUS_UNSPECIFIED) return request.status();
  return request.competitor().empty() ? Opportunity::STATUS_CANCELED : Opportunity::STATUS_OUT_SOLD;
}

// The opportunity close that holds is canceled; its name, and the probability before, come back.
std::optional<Refusal> CancelClose(Opportunity* opportunity, std::string* name,
                                   shard::Transaction& tx) {
  for (OpportunityClose& close : tx.Referring<OpportunityClose>("regarding", opportunity->name())) {
    if (close.state() != OpportunityClose::STATE_COMPLETED) continue;
    opportunity->set_close_probability(close.previous_probability());
    close.set_state(OpportunityClose::STATE_CANCELED);
    close.set_status(OpportunityClose::STATUS_CANCELED);
    *name = close.name();
    if (auto refusal = tx.Put(close, shard::Event::kCanceled)) return refusal;
  }
  return std::nullopt;
}

}  // namespace

// Without a value of its own a win brings what was estimated.
shard::Refusable<v1::WinOpportunityResponse> WinOpportunity(
    const v1::WinOpportunityRequest& request, shard::Transaction& tx) {
  auto opportunity = tx.Get<Opportunity>(request.name(), request.etag());
  if (!opportunity) return opportunity.refusal();
  if (opportunity->state() != Opportunity::STATE_OPEN)
    return tx.About(Refusal(v1::OPPORTUNITY_NOT_OPEN), *opportunity);

  const Date date = request.has_close_date() ? request.close_date() : DayOf(tx.time());
  OpportunityClose close = CloseOf(*opportunity, date, tx);
  close.set_subject("Won");
  close.set_won(true);
  close.set_description(request.description());
  if (request.has_actual_value()) {
    *opportunity->mutable_actual_value() = request.actual_value();
  } else if (opportunity->has_estimated_value()) {
    *opportunity->mutable_actual_value() = opportunity->estimated_value();
  }
  if (opportunity->has_actual_value()) *close.mutable_actual_value() = opportunity->actual_value();
  *opportunity->mutable_actual_close_date() = date;
  opportunity->set_state(Opportunity::STATE_WON);
  opportunity->set_status(Opportunity::STATUS_WON);
  LeaveStage(&*opportunity, tx.time());
  if (auto refusal = tx.Put(close, shard::Event::kCreated)) return *refusal;
  if (auto refusal = tx.Put(*opportunity)) return *refusal;

  const auto won = tx.Get<Opportunity>(request.name());
  v1::WinOpportunityResponse response;
  response.set_name(won->name());
  response.set_etag(won->etag());
  response.set_opportunity_close(close.name());
  if (won->has_actual_value()) *response.mutable_actual_value() = won->actual_value();
  if (won->has_actual_value_base())
    *response.mutable_actual_value_base() = won->actual_value_base();
  return response;
}

shard::Refusable<v1::LoseOpportunityResponse> LoseOpportunity(
    const v1::LoseOpportunityRequest& request, shard::Transaction& tx) {
  auto opportunity = tx.Get<Opportunity>(request.name(), request.etag());
  if (!opportunity) return opportunity.refusal();
  if (opportunity->state() != Opportunity::STATE_OPEN)
    return tx.About(Refusal(v1::OPPORTUNITY_NOT_OPEN), *opportunity);
  const Opportunity::Status status = LostStatus(request);
  if (!IsOfLost(status)) return Refusal(v1::OPPORTUNITY_STATUS_NOT_OF_STATE, "status");

  const Date date = request.has_close_date() ? request.close_date() : DayOf(tx.time());
  OpportunityClose close = CloseOf(*opportunity, date, tx);
  close.set_subject("Lost");
  close.set_description(request.reason());
  close.set_competitor(request.competitor());
  if (request.has_actual_value()) {
    *close.mutable_actual_value() = request.actual_value();
    *opportunity->mutable_actual_value() = request.actual_value();
  }
  v1::LoseOpportunityResponse response;
  response.set_previous_probability(opportunity->close_probability());
  *opportunity->mutable_actual_close_date() = date;
  opportunity->set_competitor(request.competitor());
  opportunity->set_close_probability(0);
  opportunity->set_state(Opportunity::STATE_LOST);
  opportunity->set_status(status);
  LeaveStage(&*opportunity, tx.time());
  if (auto refusal = tx.Put(close, shard::Event::kCreated)) return *refusal;
  if (auto refusal = tx.Put(*opportunity)) return *refusal;
  response.set_name(opportunity->name());
  response.set_etag(tx.Get<Opportunity>(request.name())->etag());
  response.set_opportunity_close(close.name());
  return response;
}

shard::Refusable<v1::ReopenOpportunityResponse> ReopenOpportunity(
    const v1::ReopenOpportunityRequest& request, shard::Transaction& tx) {
  auto opportunity = tx.Get<Opportunity>(request.name(), request.etag());
  if (!opportunity) return opportunity.refusal();
  if (opportunity->state() == Opportunity::STATE_OPEN)
    return tx.About(Refusal(v1::OPPORTUNITY_ALREADY_OPEN), *opportunity);

  v1::ReopenOpportunityResponse response;
  response.set_previous_state(opportunity->state());
  if (auto refusal = CancelClose(&*opportunity, response.mutable_opportunity_close(), tx))
    return *refusal;
  opportunity->clear_actual_value();
  opportunity->clear_actual_close_date();
  opportunity->clear_competitor();
  opportunity->set_state(Opportunity::STATE_OPEN);
  opportunity->set_status(Opportunity::STATUS_IN_PROGRESS);
  EnterStage(&*opportunity, tx.time());
  if (auto refusal = tx.Put(*opportunity)) return *refusal;
  response.set_name(opportunity->name());
  response.set_etag(tx.Get<Opportunity>(request.name())->etag());
  return response;
}

}  // namespace crm::sales
