#include "services/sales/opportunity.h"

#include "libs/record/image.h"
#include "libs/record/money.h"

namespace crm::sales {
namespace {

using record::Money;
using shard::Refusal;
using v1::Opportunity;

void DeriveWeightedValue(shard::Draft& draft) {
  if (!draft.Has(Opportunity::kEstimatedValueFieldNumber)) {
    draft.Clear(Opportunity::kWeightedValueFieldNumber);
    return;
  }
  const std::string_view bytes = draft.Message(Opportunity::kEstimatedValueFieldNumber);
  Money value = Money::Read(bytes);
  const auto percent =
      static_cast<int64_t>(draft.Integer(Opportunity::kCloseProbabilityFieldNumber));
  value.parts = record::DivideRounded(value.parts * percent, 100);
  draft.SetMessage(Opportunity::kWeightedValueFieldNumber, value.Bytes());
}

}  // namespace

void EnterStage(Opportunity* opportunity, record::Instant time) {
  Opportunity::StageStay& stay = *opportunity->add_stages();
  stay.set_sales_stage(opportunity->sales_stage());
  stay.set_step_name(opportunity->step_name());
  stay.mutable_entry_time()->ParseFromString(record::TimestampBytes(time));
  *opportunity->mutable_stage_entry_time() = stay.entry_time();
}

int64_t LeaveStage(Opportunity* opportunity, record::Instant time) {
  if (opportunity->stages().empty()) return 0;
  Opportunity::StageStay& stay = *opportunity->mutable_stages()->rbegin();
  const int64_t seconds = time / 1'000'000 - stay.entry_time().seconds();
  stay.set_duration_seconds(seconds);
  return seconds;
}

std::optional<Refusal> DeriveOpportunity(shard::Draft& draft, const shard::Transaction&) {
  const std::string customer(draft.Text(Opportunity::kCustomerFieldNumber));
  const bool moved = draft.Changed(Opportunity::kCustomerFieldNumber);
  const bool account_given = draft.Has(Opportunity::kParentAccountFieldNumber) &&
                             draft.Changed(Opportunity::kParentAccountFieldNumber);
  const bool contact_given = draft.Has(Opportunity::kParentContactFieldNumber) &&
                             draft.Changed(Opportunity::kParentContactFieldNumber);
  if (moved && !account_given && customer.starts_with("accounts/"))
    draft.SetText(Opportunity::kParentAccountFieldNumber, customer);
  if (moved && !contact_given && customer.starts_with("contacts/"))
    draft.SetText(Opportunity::kParentContactFieldNumber, customer);
  DeriveWeightedValue(draft);
  if (!draft.is_new()) return std::nullopt;
  Opportunity first;
  first.set_sales_stage(
      static_cast<Opportunity::SalesStage>(draft.Integer(Opportunity::kSalesStageFieldNumber)));
  first.set_step_name(std::string(draft.Text(Opportunity::kStepNameFieldNumber)));
  EnterStage(&first, draft.time());
  draft.SetTime(Opportunity::kStageEntryTimeFieldNumber, draft.time());
  draft.SetMessage(Opportunity::kStagesFieldNumber, first.stages(0).SerializeAsString());
  return std::nullopt;
}

shard::Refusable<v1::ChangeOpportunityStageResponse> ChangeOpportunityStage(
    const v1::ChangeOpportunityStageRequest& request, shard::Transaction& tx) {
  auto opportunity = tx.Get<Opportunity>(request.name(), request.etag());
  if (!opportunity) return opportunity.refusal();
  if (opportunity->state() != Opportunity::STATE_OPEN)
    return tx.About(Refusal(v1::OPPORTUNITY_NOT_OPEN), *opportunity);
  if (opportunity->sales_stage() == request.sales_stage() &&
      opportunity->step_name() == request.step_name())
    return tx.About(Refusal(v1::OPPORTUNITY_STAGE_UNCHANGED), *opportunity);

  v1::ChangeOpportunityStageResponse response;
  response.set_previous_stage(opportunity->sales_stage());
  response.set_duration_seconds(LeaveStage(&*opportunity, tx.time()));
  opportunity->set_sales_stage(request.sales_stage());
  opportunity->set_step_name(request.step_name());
  if (request.has_close_probability())
    opportunity->set_close_probability(request.close_probability());
  EnterStage(&*opportunity, tx.time());
  if (auto refusal = tx.Put(*opportunity)) return *refusal;
  response.set_name(opportunity->name());
  response.set_etag(tx.Get<Opportunity>(request.name())->etag());
  return response;
}

}  // namespace crm::sales
