#include <gmock/gmock.h>
#include <google/protobuf/util/time_util.h>

#include "crm/record/v1/timeline.pb.h"
#include "tests/server/sales_records.h"

// What happened around a record, and to what somebody follows.
namespace crm::test {
namespace {

using record::v1::ListFeedRequest;
using record::v1::ListTimelineRequest;
using record::v1::ListTimelineResponse;
using record::v1::TransitionRequest;
using record::v1::TransitionResponse;
using testing::ElementsAre;

Answer<ListTimelineResponse> Timeline(const Client& client, const ListTimelineRequest& request) {
  return client.Call<ListTimelineResponse>("/crm.record.v1.Timelines/ListTimeline", request);
}

// The names of the records, or the types of the record's own events, newest first.
std::vector<std::string> Shown(const ListTimelineResponse& response) {
  std::vector<std::string> shown;
  for (const auto& entry : response.entries()) {
    Note any;  // every record has its name under the same number
    any.ParseFromString(entry.record().value());
    shown.push_back(entry.has_change() ? entry.change().event() : any.name());
  }
  return shown;
}

ListTimelineRequest Of(const std::string& name) {
  ListTimelineRequest request;
  request.set_name(name);
  return request;
}

// | 3 | SA | Track communications (S14) | G lead W phone call + email regarding it completed T both
// in its timeline in time order |
TEST(Acceptance, R003_CommunicationsInTheTimeline) {
  const Client client(Server::Shared(), "r003");
  const Lead lead = Made(client, NewLead("Ionescu"));
  PhoneCall call;
  call.set_regarding(lead.name());
  call.set_subject("First call");
  call = Made(client, call);
  Email email;
  email.set_regarding(lead.name());
  email.set_subject("Offer");
  email = Made(client, email);
  TransitionRequest complete;
  complete.set_name(email.name());
  complete.set_status("STATUS_SENT");
  ASSERT_TRUE(
      client.Call<TransitionResponse>("/crm.activity.v1.Emails/CompleteEmail", complete).ok());
  complete.set_name(call.name());
  complete.set_status("STATUS_MADE");
  ASSERT_TRUE(
      client.Call<TransitionResponse>("/crm.activity.v1.PhoneCalls/CompletePhoneCall", complete)
          .ok());
  const auto timeline = Timeline(client, Of(lead.name()));
  ASSERT_TRUE(timeline.ok()) << timeline;
  // The call was completed last.
  EXPECT_THAT(Shown(timeline.body),
              ElementsAre(call.name(), email.name(), "crm.sales.v1.lead.created"));
  EXPECT_FALSE(timeline.body.truncated());
}

// | 24 | SA | Activity rollup | G task on contact of account W read account timeline T task
// included |
TEST(Acceptance, R024_ActivityRollup) {
  const Client client(Server::Shared(), "r024");
  const Account account = Made(client, NewAccount("Velo"));
  Contact contact = NewContact("Ana", "Ionescu");
  contact.set_parent_customer(account.name());
  contact = Made(client, contact);
  const Opportunity opportunity = Made(client, NewOpportunity("Bicycles", contact.name()));
  const Task task = Made(client, NewTask(contact.name(), "Call"));
  const Note note = Made(client, NewNote(opportunity.name(), "Two steps away"));
  const auto timeline = Timeline(client, Of(account.name()));
  ASSERT_TRUE(timeline.ok()) << timeline;
  EXPECT_THAT(Shown(timeline.body),
              ElementsAre(note.name(), task.name(), "crm.sales.v1.account.created"));
  EXPECT_EQ(timeline.body.entries(1).via(), contact.name());
  ListTimelineRequest own = Of(account.name());
  own.set_only_own(true);
  EXPECT_THAT(Shown(Timeline(client, own).body), ElementsAre("crm.sales.v1.account.created"));
}

// A page after the other shows everything once.
TEST(Timeline, ComesInPages) {
  const Client client(Server::Shared(), "timeline-pages");
  const Lead lead = Made(client, NewLead("Ionescu"));
  std::vector<std::string> expected{"crm.sales.v1.lead.created"};
  for (int i = 0; i < 7; ++i) {
    const std::string text = std::to_string(i);
    expected.insert(expected.begin(), i % 2 == 0 ? Made(client, NewNote(lead.name(), text)).name()
                                                 : Made(client, NewTask(lead.name(), text)).name());
  }
  std::vector<std::string> shown;
  ListTimelineRequest request = Of(lead.name());
  request.set_page_size(3);
  for (int page = 0; page < 3; ++page) {
    const auto timeline = Timeline(client, request);
    ASSERT_TRUE(timeline.ok()) << timeline;
    for (const std::string& name : Shown(timeline.body)) shown.push_back(name);
    request.set_page_token(timeline.body.next_page_token());
  }
  EXPECT_EQ(shown, expected);
  EXPECT_EQ(request.page_token(), "");
  request.set_page_token("forged");
  EXPECT_EQ(Timeline(client, request).reason, "INVALID_PAGE_TOKEN");
  EXPECT_EQ(Timeline(client, Of("leads/" + std::string(36, '0'))).code,
            grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Timeline(client, Of("leads/01920000-0000-7000-8000-000000000404")).code,
            grpc::StatusCode::NOT_FOUND);
}

// | 55 | SA | Follow and posts | G follow lead W lead qualified T auto post in my feed |
TEST(Acceptance, R055_FollowAndPosts) {
  const Client client(Server::Shared(), "r055");
  const Client other(Server::Shared(), "r055", "radu@example.com");
  Lead lead = NewLead("Ionescu");
  lead.set_first_name("Ana");
  lead = Made(client, lead);
  Follow follow;
  follow.set_record(lead.name());
  Made(client, follow);
  sales::v1::QualifyLeadRequest qualify;
  qualify.set_name(lead.name());
  qualify.set_create_contact(true);
  ASSERT_TRUE(
      other.Call<sales::v1::QualifyLeadResponse>("/crm.sales.v1.Leads/QualifyLead", qualify).ok());
  const auto feed =
      client.Call<ListTimelineResponse>("/crm.record.v1.Timelines/ListFeed", ListFeedRequest());
  ASSERT_TRUE(feed.ok()) << feed;
  ASSERT_EQ(feed.body.entries_size(), 1);
  Post post;
  ASSERT_TRUE(feed.body.entries(0).record().UnpackTo(&post));
  EXPECT_EQ(post.text(), "Ana Ionescu was qualified.");
  EXPECT_EQ(post.source(), Post::SOURCE_AUTO);
  EXPECT_EQ(post.regarding(), lead.name());
  EXPECT_EQ(other.Call<ListTimelineResponse>("/crm.record.v1.Timelines/ListFeed", ListFeedRequest())
                .body.entries_size(),
            0);
}

// What a user has to do, of every kind, the soonest due first; what is done goes.
TEST(Agenda, ShowsWhatIsDueAndOverdue) {
  const Client client(Server::Shared(), "agenda", "ana@example.com");
  const Lead lead = Made(client, NewLead("Ionescu"));
  auto due = [](const char* text) {
    google::protobuf::Timestamp time;
    google::protobuf::util::TimeUtil::FromString(text, &time);
    return time;
  };
  Task offer = NewTask(lead.name(), "Send the offer");
  *offer.mutable_scheduled_end_time() = due("2026-03-03T12:00:00Z");
  offer = Made(client, offer);
  Task undated = Made(client, NewTask(lead.name(), "Some day"));
  PhoneCall call;
  call.set_regarding(lead.name());
  call.set_subject("Ask what they think");
  *call.mutable_scheduled_end_time() = due("2026-03-02T09:00:00Z");
  call = Made(client, call);
  Appointment meeting;
  meeting.set_subject("Meet");
  meeting.set_regarding(lead.name());
  *meeting.mutable_scheduled_start_time() = due("2026-03-04T08:00:00Z");
  *meeting.mutable_scheduled_end_time() = due("2026-03-04T09:00:00Z");
  meeting = Made(client, meeting);
  auto agenda = [&](const Client& of, record::v1::ListAgendaRequest request = {}) {
    const auto answer =
        of.Call<ListTimelineResponse>("/crm.record.v1.Timelines/ListAgenda", request);
    EXPECT_TRUE(answer.ok()) << answer;
    return answer.body;
  };
  EXPECT_THAT(Shown(agenda(client)), ElementsAre(call.name(), offer.name(), meeting.name()));
  EXPECT_TRUE(Shown(agenda(Client(Server::Shared(), "agenda", "dan@example.com"))).empty());
  // The day of the third, with what is overdue in front; then without that.
  record::v1::ListAgendaRequest day;
  *day.mutable_due_until() = due("2026-03-04T00:00:00Z");
  EXPECT_THAT(Shown(agenda(client, day)), ElementsAre(call.name(), offer.name()));
  *day.mutable_due_from() = due("2026-03-03T00:00:00Z");
  EXPECT_THAT(Shown(agenda(client, day)), ElementsAre(offer.name()));
  // Page by page.
  record::v1::ListAgendaRequest page;
  page.set_page_size(2);
  const auto first = agenda(client, page);
  EXPECT_THAT(Shown(first), ElementsAre(call.name(), offer.name()));
  page.set_page_token(first.next_page_token());
  const auto second = agenda(client, page);
  EXPECT_THAT(Shown(second), ElementsAre(meeting.name()));
  EXPECT_EQ(second.next_page_token(), "");
  TransitionRequest complete;
  complete.set_name(call.name());
  ASSERT_TRUE(
      client.Call<TransitionResponse>("/crm.activity.v1.PhoneCalls/CompletePhoneCall", complete)
          .ok());
  EXPECT_THAT(Shown(agenda(client)), ElementsAre(offer.name(), meeting.name()));
}

}  // namespace
}  // namespace crm::test
