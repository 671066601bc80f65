#include <gmock/gmock.h>
#include <google/protobuf/util/time_util.h>

#include "crm/record/v1/timeline.pb.h"
#include "tests/server/sales_records.h"

// What becomes of activities: their commands, and what follows from them.
namespace crm::test {
namespace {

using activity::v1::Party;
using google::protobuf::util::TimeUtil;
using record::v1::TransitionRequest;
using record::v1::TransitionResponse;

const std::string kEmails = "/crm.activity.v1.Emails/";
const std::string kPosts = "/crm.activity.v1.Posts/";

Answer<TransitionResponse> Carry(const Client& client, const std::string& path,
                                 const std::string& name, const std::string& status = "") {
  TransitionRequest request;
  request.set_name(name);
  request.set_status(status);
  return client.Call<TransitionResponse>(path, request);
}

void ExpectCarried(const Client& client, const std::string& path, const std::string& name) {
  const auto answer = Carry(client, path, name);
  EXPECT_TRUE(answer.ok()) << path << ": " << answer;
}

// | 1.7 | completing sets the actual end; a closed activity is read-only until it is reopened |
TEST(Activity, IsCompletedReopenedAndCanceled) {
  const Client client(Server::Shared(), "activity-states");
  const Lead lead = Made(client, NewLead("Ionescu"));
  Task task = NewTask(lead.name(), "Call");
  *task.mutable_actual_start_time() = TimeUtil::SecondsToTimestamp(1'700'000'000);
  *task.mutable_scheduled_start_time() = TimeUtil::SecondsToTimestamp(1'700'000'000);
  *task.mutable_scheduled_end_time() = TimeUtil::SecondsToTimestamp(1'700'005'400);
  task = Made(client, task);
  EXPECT_EQ(task.scheduled_duration_minutes(), 90);
  const std::string tasks = "/crm.activity.v1.Tasks/";
  ExpectCarried(client, tasks + "CompleteTask", task.name());
  const Task done = Get<Task>(client, task.name()).body;
  EXPECT_EQ(done.status(), Task::STATUS_COMPLETED);
  EXPECT_EQ(TimeUtil::ToString(done.actual_end_time()), TimeUtil::ToString(done.update_time()));
  EXPECT_GT(done.actual_duration_minutes(), 0);
  Task changed = done;
  changed.set_subject("Write");
  EXPECT_EQ(Update(client, changed, {"subject"}).reason, "RECORD_INACTIVE");
  const auto refused = Carry(client, tasks + "CancelTask", task.name());
  EXPECT_EQ(refused.code, grpc::FAILED_PRECONDITION) << refused;
  ExpectCarried(client, tasks + "ReopenTask", task.name());
  EXPECT_FALSE(Get<Task>(client, task.name()).body.has_actual_end_time());
  ExpectCarried(client, tasks + "CancelTask", task.name());
  EXPECT_EQ(Get<Task>(client, task.name()).body.state(), Task::STATE_CANCELED);

  Appointment meeting;
  meeting.set_regarding(lead.name());
  meeting.set_subject("Meeting");
  meeting = Made(client, meeting);
  const std::string appointments = "/crm.activity.v1.Appointments/";
  ExpectCarried(client, appointments + "ScheduleAppointment", meeting.name());
  EXPECT_EQ(Get<Appointment>(client, meeting.name()).body.state(), Appointment::STATE_SCHEDULED);
  ExpectCarried(client, appointments + "CompleteAppointment", meeting.name());
}

Email Draft(const std::string& recipient) {
  Email email;
  email.set_subject("Offer");
  Party& party = *email.add_parties();
  party.set_participation(Party::PARTICIPATION_TO);
  party.set_record(recipient);
  return email;
}

Answer<activity::v1::SendEmailResponse> Send(const Client& client, const std::string& name) {
  activity::v1::SendEmailRequest request;
  request.set_name(name);
  return client.Call<activity::v1::SendEmailResponse>(kEmails + "SendEmail", request);
}

// | 1.7 | do_not_email blocks a recipient, and names it |
TEST(Activity, NobodyIsWrittenToWhoDoesNotWantIt) {
  const Client client(Server::Shared(), "do-not-email");
  Contact contact = NewContact("Ana", "Ionescu");
  contact.set_do_not_email(true);
  contact = Made(client, contact);
  const Email refused = Made(client, Draft(contact.name()));
  const auto before = Verify(client);
  const auto answer = Send(client, refused.name());
  EXPECT_EQ(answer.code, grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(answer.reason, "DO_NOT_EMAIL");
  EXPECT_EQ(answer.facts.at("party"), contact.name());
  EXPECT_EQ(Verify(client), before);
  contact.set_do_not_email(false);
  ASSERT_TRUE(Update(client, contact, {"do_not_email"}).ok());
  EXPECT_TRUE(Send(client, refused.name()).ok());
}

// | 1.4 | Send: 1->6->7->3 or 8; Retry 8->6 |
TEST(Activity, EmailsAreSentOrFailAndAreSentAgain) {
  const Client client(Server::Shared(), "send-email");
  const Email email = Made(client, Draft(Made(client, NewContact("Ana", "Ionescu")).name()));
  activity::v1::ReportEmailSendingRequest report;
  report.set_name(email.name());
  report.set_status(Email::STATUS_SENT);
  auto told = [&] {
    return client.Call<activity::v1::ReportEmailSendingResponse>(kEmails + "ReportEmailSending",
                                                                 report);
  };
  EXPECT_EQ(told().reason, "EMAIL_NOT_PENDING");
  ASSERT_TRUE(Send(client, email.name()).ok());
  EXPECT_EQ(Get<Email>(client, email.name()).body.status(), Email::STATUS_PENDING_SEND);
  EXPECT_EQ(Send(client, email.name()).reason, "EMAIL_NOT_DRAFT");
  report.set_status(Email::STATUS_FAILED);
  report.set_error("no such mailbox");
  ASSERT_TRUE(told().ok());
  const Email failed = Get<Email>(client, email.name()).body;
  EXPECT_EQ(failed.state(), Email::STATE_OPEN);
  EXPECT_EQ(failed.status(), Email::STATUS_FAILED);
  EXPECT_EQ(failed.send_error(), "no such mailbox");
  ASSERT_TRUE(Send(client, email.name()).ok());
  report.set_status(Email::STATUS_SENDING);
  ASSERT_TRUE(told().ok());
  report.set_status(Email::STATUS_SENT);
  report.set_message_id("1@example.com");
  ASSERT_TRUE(told().ok());
  const Email sent = Get<Email>(client, email.name()).body;
  EXPECT_EQ(sent.status(), Email::STATUS_SENT);
  EXPECT_EQ(sent.send_attempts(), 2);
  EXPECT_EQ(sent.message_id(), "1@example.com");
}

// | 2.3 | ConvertToLead from an e-mail |
TEST(Activity, AnEmailBecomesALead) {
  const Client client(Server::Shared(), "lead-from-email");
  activity::v1::ImportEmailRequest import;
  import.mutable_email()->set_subject("Biciclete");
  import.mutable_email()->set_message_id("2@example.com");
  Party& sender = *import.mutable_email()->add_parties();
  sender.set_participation(Party::PARTICIPATION_SENDER);
  sender.set_address("stefan@example.com");
  std::string long_name;
  for (int i = 0; i < 40; ++i) long_name += "Ștefania";
  sender.set_display_name("Ana " + long_name.substr(0, 180));
  const auto taken =
      client.Call<activity::v1::ImportEmailResponse>(kEmails + "ImportEmail", import);
  ASSERT_TRUE(taken.ok()) << taken;
  sales::v1::CreateLeadFromEmailRequest request;
  request.set_name(taken.body.name());
  const auto made = client.Call<sales::v1::CreateLeadFromEmailResponse>(
      "/crm.sales.v1.Leads/CreateLeadFromEmail", request);
  ASSERT_TRUE(made.ok()) << made;
  const Lead lead = Get<Lead>(client, made.body.lead()).body;
  EXPECT_EQ(lead.subject(), "Biciclete");
  EXPECT_EQ(lead.email(), "stefan@example.com");
  EXPECT_EQ(lead.first_name(), "Ana");
  EXPECT_EQ(lead.last_name().find("Ștefania"), 0u);
  EXPECT_EQ(Get<Email>(client, taken.body.name()).body.regarding(), lead.name());
}

// What a lead can not be made of is told by the field of the lead; nothing is made.
TEST(Activity, AnEmailOfNobodyBecomesNoLead) {
  const Client client(Server::Shared(), "lead-from-nobody");
  const auto convert = [&](const std::string& name, const std::string& address) {
    activity::v1::ImportEmailRequest import;
    import.mutable_email()->set_subject("Biciclete");
    import.mutable_email()->set_message_id(address + "@import");
    Party& sender = *import.mutable_email()->add_parties();
    sender.set_participation(Party::PARTICIPATION_SENDER);
    sender.set_display_name(name);
    sender.set_address(address);
    const auto taken =
        client.Call<activity::v1::ImportEmailResponse>(kEmails + "ImportEmail", import);
    EXPECT_TRUE(taken.ok()) << taken;
    sales::v1::CreateLeadFromEmailRequest request;
    request.set_name(taken.body.name());
    return client.Call<sales::v1::CreateLeadFromEmailResponse>(
        "/crm.sales.v1.Leads/CreateLeadFromEmail", request);
  };
  EXPECT_EQ(convert("Ana Pop", "internal sender").faults.at("lead.email"), "INVALID_FORMAT");
  EXPECT_EQ(convert("", "@example.com").faults.at("lead.last_name"), "REQUIRED_FIELD");
  EXPECT_EQ(Count<Lead>(client), 0);
  const auto blank = convert("  Ana   ", "ana@example.com");
  ASSERT_TRUE(blank.ok()) << blank;
  EXPECT_EQ(Get<Lead>(client, blank.body.lead()).body.last_name(), "Ana");
}

// Comments and likes are the post's own; liking twice is liking once.
TEST(Activity, PostsAreCommentedOnAndLiked) {
  const Client client(Server::Shared(), "posts");
  const Client other(Server::Shared(), "posts", "radu@example.com");
  Post post;
  post.set_regarding(Made(client, NewLead("Ionescu")).name());
  post.set_text("She called back");
  post = Made(client, post);
  EXPECT_EQ(post.source(), Post::SOURCE_MANUAL);
  activity::v1::CommentOnPostRequest comment;
  comment.set_name(post.name());
  EXPECT_EQ(other.Call<activity::v1::CommentOnPostResponse>(kPosts + "CommentOnPost", comment)
                .faults.at("text"),
            "REQUIRED_FIELD");
  comment.set_text("Bravo");
  ASSERT_TRUE(
      other.Call<activity::v1::CommentOnPostResponse>(kPosts + "CommentOnPost", comment).ok());
  activity::v1::LikePostRequest like;
  like.set_name(post.name());
  for (int i = 0; i < 2; ++i) {
    const auto liked = other.Call<activity::v1::LikePostResponse>(kPosts + "LikePost", like);
    ASSERT_TRUE(liked.ok()) << liked;
    EXPECT_EQ(liked.body.likes(), 1);
  }
  const Post shown = Get<Post>(client, post.name()).body;
  ASSERT_EQ(shown.comments_size(), 1);
  EXPECT_EQ(shown.comments(0).text(), "Bravo");
  EXPECT_EQ(shown.comments(0).user(), shown.likes(0));
  activity::v1::UnlikePostRequest unlike;
  unlike.set_name(post.name());
  ASSERT_TRUE(other.Call<activity::v1::UnlikePostResponse>(kPosts + "UnlikePost", unlike).ok());
  EXPECT_EQ(Get<Post>(client, post.name()).body.likes_size(), 0);
}

// A lead's activities stay with it, and are shown with what became of it.
TEST(Activity, ShowsOnWhatTheLeadBecame) {
  const Client client(Server::Shared(), "originating-lead");
  Currency euro;
  euro.set_code("EUR");
  euro.set_rate("1");
  euro.set_precision(2);
  Made(client, euro);
  Lead lead = NewLead("Ionescu");
  lead.set_company_name("Velo");
  lead.set_currency("EUR");
  lead = Made(client, lead);
  const Task task = Made(client, NewTask(lead.name(), "Call"));
  sales::v1::QualifyLeadRequest qualify;
  qualify.set_name(lead.name());
  qualify.set_create_account(true);
  qualify.set_create_opportunity(true);
  const auto became =
      client.Call<sales::v1::QualifyLeadResponse>("/crm.sales.v1.Leads/QualifyLead", qualify);
  ASSERT_TRUE(became.ok()) << became;
  for (const std::string& name : {became.body.account(), became.body.opportunity()}) {
    record::v1::ListTimelineRequest request;
    request.set_name(name);
    const auto timeline = client.Call<record::v1::ListTimelineResponse>(
        "/crm.record.v1.Timelines/ListTimeline", request);
    bool found = false;
    for (const auto& entry : timeline.body.entries()) {
      Task shown;
      found |= entry.record().UnpackTo(&shown) && shown.name() == task.name() &&
               entry.via() == lead.name();
    }
    EXPECT_TRUE(found) << name;
  }
}

}  // namespace
}  // namespace crm::test
