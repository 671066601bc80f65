#include <gtest/gtest.h>

#include <memory>

#include "crm/activity/v1/appointment.pb.h"
#include "crm/activity/v1/task.pb.h"
#include "crm/sales/v1/lead.pb.h"
#include "libs/record/image.h"
#include "libs/record/key.h"
#include "services/sales/deciding_fixture.h"
#include "services/sales/lead.h"

// Given these records, when this command, then these events or this refusal.
namespace crm::sales {
namespace {

using activity::v1::Task;
using example::TheCatalogue;
using v1::Lead;

constexpr char kLead[] = "leads/01920000-0000-7000-8000-000000000001";

class LeadTest : public example::DecidingFixture {
 protected:
  // A record that is there before the command.
  template <class Message>
  void Given(const Message& message) {
    const auto* type = TheCatalogue().FindTypeByMessage(Message::descriptor()->full_name());
    auto name = record::Name::Parse(message.name());
    auto image = record::Normalise(*type->message, message.SerializeAsString());
    shard::Staged staged{{overlay_.Slot("test"), type->number, name->id},
                         std::make_shared<const std::string>(*image),
                         {},
                         {}};
    for (const record::Referrer& referrer : TheCatalogue().FindType("leads")->referrers) {
      if (referrer.from != type) continue;
      staged.entered.push_back({overlay_.Slot("test"), type->number, referrer.index->number,
                                *record::EncodeValue(*referrer.field, kLead)});
    }
    overlay_.Add(++ticket_, {staged}, command_, 1'000'000);
  }

  // What the command of this name would be decided with.
  shard::Transaction& When(const std::string& method) {
    command_.method = TheCatalogue().FindMethod("/crm.sales.v1.Leads/" + method);
    tx_ = Begin();
    return *tx_;
  }

  std::vector<std::string> Events() const {
    std::vector<std::string> types;
    for (const auto& [type, name] : tx_->EventNames()) types.push_back(type);
    return types;
  }

  Lead OpenLead() const {
    Lead lead;
    lead.set_name(kLead);
    lead.set_etag("1");
    lead.set_owner(command_.principal.user);
    lead.set_state(Lead::STATE_OPEN);
    lead.set_status(Lead::STATUS_CONTACTED);
    lead.set_subject("Training");
    lead.set_last_name("Ionescu");
    lead.set_full_name("Ionescu");
    return lead;
  }

  std::unique_ptr<shard::Transaction> tx_;
};

TEST_F(LeadTest, DisqualifyClosesAnOpenLeadAndKeepsTheRest) {
  Given(OpenLead());
  v1::DisqualifyLeadRequest request;
  request.set_name(kLead);
  request.set_status(Lead::STATUS_CANNOT_CONTACT);
  auto response = DisqualifyLead(request, When("DisqualifyLead"));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->etag(), "2");
  EXPECT_EQ(Events(), std::vector<std::string>{"crm.sales.v1.lead.disqualified"});
  auto lead = tx_->Get<Lead>(kLead);
  EXPECT_EQ(lead->state(), Lead::STATE_DISQUALIFIED);
  EXPECT_EQ(lead->status(), Lead::STATUS_CANNOT_CONTACT);
  EXPECT_EQ(lead->subject(), "Training");
}

TEST_F(LeadTest, DisqualifyWithoutAStatusSaysLost) {
  Given(OpenLead());
  v1::DisqualifyLeadRequest request;
  request.set_name(kLead);
  ASSERT_TRUE(DisqualifyLead(request, When("DisqualifyLead")));
  EXPECT_EQ(tx_->Get<Lead>(kLead)->status(), Lead::STATUS_LOST);
}

TEST_F(LeadTest, DisqualifyCancelsOpenActivitiesIfAsked) {
  Given(OpenLead());
  Task task;
  task.set_name("tasks/01920000-0000-7000-8000-000000000002");
  task.set_etag("1");
  task.set_state(Task::STATE_OPEN);
  task.set_status(Task::STATUS_NOT_STARTED);
  task.set_regarding(kLead);
  task.set_subject("Call");
  Given(task);
  activity::v1::Appointment meeting;
  meeting.set_name("appointments/01920000-0000-7000-8000-000000000003");
  meeting.set_etag("1");
  meeting.set_state(activity::v1::Appointment::STATE_SCHEDULED);
  meeting.set_status(activity::v1::Appointment::STATUS_BUSY);
  meeting.set_regarding(kLead);
  meeting.set_subject("Meet");
  Given(meeting);
  v1::DisqualifyLeadRequest request;
  request.set_name(kLead);
  request.set_close_open_activities(true);
  auto response = DisqualifyLead(request, When("DisqualifyLead"));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->canceled_activities(), 2);
  EXPECT_EQ(Events(), (std::vector<std::string>{"crm.activity.v1.task.canceled",
                                                "crm.activity.v1.appointment.canceled",
                                                "crm.sales.v1.lead.disqualified"}));
  EXPECT_EQ(tx_->Get<Task>(task.name())->state(), Task::STATE_CANCELED);
}

TEST_F(LeadTest, DisqualifyRefusesWhatIsNotOpen) {
  Lead lead = OpenLead();
  lead.set_state(Lead::STATE_DISQUALIFIED);
  lead.set_status(Lead::STATUS_LOST);
  Given(lead);
  v1::DisqualifyLeadRequest request;
  request.set_name(kLead);
  auto response = DisqualifyLead(request, When("DisqualifyLead"));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.refusal().reason, "LEAD_ALREADY_DISQUALIFIED");
  EXPECT_EQ(tx_->StatusOf(response.refusal()).message(), "Ionescu is already disqualified.");
  EXPECT_TRUE(Events().empty());
}

TEST_F(LeadTest, DisqualifyRefusesAStatusOfAnotherState) {
  Given(OpenLead());
  v1::DisqualifyLeadRequest request;
  request.set_name(kLead);
  request.set_status(Lead::STATUS_NEW);
  auto response = DisqualifyLead(request, When("DisqualifyLead"));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.refusal().reason, "LEAD_STATUS_NOT_OF_STATE");
}

TEST_F(LeadTest, DisqualifyRefusesAStaleEtag) {
  Given(OpenLead());
  v1::DisqualifyLeadRequest request;
  request.set_name(kLead);
  request.set_etag("7");
  auto response = DisqualifyLead(request, When("DisqualifyLead"));
  ASSERT_FALSE(response);
  EXPECT_EQ(record::ReasonOf(tx_->StatusOf(response.refusal())), "VERSION_CONFLICT");
}

TEST_F(LeadTest, ReactivateOpensADisqualifiedLead) {
  Lead lead = OpenLead();
  lead.set_state(Lead::STATE_DISQUALIFIED);
  lead.set_status(Lead::STATUS_CANCELED);
  Given(lead);
  v1::ReactivateLeadRequest request;
  request.set_name(kLead);
  auto response = ReactivateLead(request, When("ReactivateLead"));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->previous_state(), Lead::STATE_DISQUALIFIED);
  EXPECT_EQ(response->previous_status(), Lead::STATUS_CANCELED);
  EXPECT_EQ(Events(), std::vector<std::string>{"crm.sales.v1.lead.reactivated"});
  EXPECT_EQ(tx_->Get<Lead>(kLead)->status(), Lead::STATUS_NEW);
}

TEST_F(LeadTest, ReactivateRefusesAnOpenLead) {
  Given(OpenLead());
  v1::ReactivateLeadRequest request;
  request.set_name(kLead);
  auto response = ReactivateLead(request, When("ReactivateLead"));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.refusal().reason, "LEAD_ALREADY_OPEN");
}

TEST_F(LeadTest, TheFullNameLeavesOutWhatIsEmpty) {
  Lead lead;
  lead.set_first_name("Ana");
  lead.set_last_name("Ionescu");
  const std::string image = lead.SerializeAsString();
  shard::Draft draft("", image, 0);
  EXPECT_FALSE(DeriveLead(draft, When("DisqualifyLead")));
  Lead derived;
  ASSERT_TRUE(derived.ParseFromString(draft.Build()));
  EXPECT_EQ(derived.full_name(), "Ana Ionescu");
}

}  // namespace
}  // namespace crm::sales
