#include <gtest/gtest.h>

#include "crm/sales/v1/contact.pb.h"
#include "crm/sales/v1/lead.pb.h"
#include "tests/server/sales_records.h"

// Contacts and leads get another parent by a command of their own.
namespace crm::test {
namespace {

using sales::v1::ReparentContactRequest;
using sales::v1::ReparentContactResponse;
using sales::v1::ReparentLeadRequest;
using sales::v1::ReparentLeadResponse;

Answer<ReparentContactResponse> Reparent(const Client& client, ReparentContactRequest request) {
  return client.Call<ReparentContactResponse>(OneOf<Contact>("Reparent"), request);
}

TEST(Reparent, AContactGoesToAnotherCustomer) {
  const Client client(Server::Shared(), "reparent-contact");
  const Account first = Made(client, NewAccount("First"));
  const Account second = Made(client, NewAccount("Second"));
  Contact contact = NewContact("Ana", "Ionescu");
  contact.set_parent_customer(first.name());
  contact = Made(client, contact);
  const Task task = Made(client, NewTask(contact.name(), "Call"));

  ReparentContactRequest request;
  request.set_name(contact.name());
  request.set_parent_customer(second.name());
  request.set_etag(contact.etag());
  request.set_request_id("move");
  const auto moved = Reparent(client, request);
  ASSERT_TRUE(moved.ok()) << moved;
  EXPECT_EQ(moved.body.previous_parent_customer(), first.name());
  EXPECT_EQ(moved.body.etag(), "2");
  Contact after = Get<Contact>(client, contact.name()).body;
  EXPECT_EQ(after.parent_customer(), second.name());
  EXPECT_EQ(after.etag(), "2");
  EXPECT_EQ(History<Contact>(client, contact.name()).front().event(),
            "crm.sales.v1.contact.reparented");
  EXPECT_EQ(Get<Task>(client, task.name()).body.etag(), task.etag());
  // The same request again is the same answer.
  EXPECT_EQ(Reparent(client, request).body.previous_parent_customer(), first.name());
  request.set_request_id("again");
  EXPECT_EQ(Reparent(client, request).reason, "VERSION_CONFLICT");
}

TEST(Reparent, AContactIsNotPutUnderItselfNorUnderNothingThatIsThere) {
  const Client client(Server::Shared(), "reparent-refused");
  const Contact contact = Made(client, NewContact("Ana", "Ionescu"));
  // A contact may belong to a contact, but not to itself over another.
  Contact assistant = NewContact("Dan", "Pop");
  assistant.set_parent_customer(contact.name());
  assistant = Made(client, assistant);
  const auto before = Verify(client);
  ReparentContactRequest request;
  request.set_name(contact.name());
  request.set_parent_customer(assistant.name());
  EXPECT_EQ(Reparent(client, request).reason, "CYCLE");
  request.set_parent_customer(Made(client, NewTask(contact.name(), "Mail")).name());
  EXPECT_EQ(Reparent(client, request).code, grpc::StatusCode::INVALID_ARGUMENT);
  request.set_parent_customer("accounts/0192f0c0-0000-7000-8000-000000000000");
  EXPECT_EQ(Reparent(client, request).code, grpc::StatusCode::INVALID_ARGUMENT);
  request.clear_parent_customer();
  request.set_name("contacts/0192f0c0-0000-7000-8000-000000000000");
  EXPECT_EQ(Reparent(client, request).code, grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(Verify(client).at("contacts/record"), before.at("contacts/record"));
}

TEST(Reparent, AContactIsPutUnderNobodyUnlessItIsInactive) {
  const Client client(Server::Shared(), "reparent-nobody");
  Contact contact = NewContact("Ana", "Ionescu");
  contact.set_parent_customer(Made(client, NewAccount("Velo")).name());
  contact = Made(client, contact);
  ReparentContactRequest request;
  request.set_name(contact.name());
  record::v1::TransitionRequest deactivate;
  deactivate.set_name(contact.name());
  const std::string path = OneOf<Contact>("Deactivate");
  ASSERT_TRUE(client.Call<record::v1::TransitionResponse>(path, deactivate).ok());
  EXPECT_EQ(Reparent(client, request).reason, "RECORD_INACTIVE");
  const std::string back = OneOf<Contact>("Activate");
  ASSERT_TRUE(client.Call<record::v1::TransitionResponse>(back, deactivate).ok());
  ASSERT_TRUE(Reparent(client, request).ok());
  EXPECT_EQ(Get<Contact>(client, contact.name()).body.parent_customer(), "");
}

TEST(Reparent, ALeadIsOfAnAccountAndAContact) {
  const Client client(Server::Shared(), "reparent-lead");
  const Account account = Made(client, NewAccount("Velo"));
  const Contact contact = Made(client, NewContact("Ana", "Ionescu"));
  const Lead lead = Made(client, NewLead("Ionescu"));
  const auto reparent = [&](ReparentLeadRequest request) {
    request.set_name(lead.name());
    return client.Call<ReparentLeadResponse>(OneOf<Lead>("Reparent"), request);
  };
  ReparentLeadRequest request;
  request.set_parent_account(account.name());
  request.set_parent_contact(contact.name());
  const auto moved = reparent(request);
  ASSERT_TRUE(moved.ok()) << moved;
  EXPECT_EQ(moved.body.previous_parent_account(), "");
  const Lead after = Get<Lead>(client, lead.name()).body;
  EXPECT_EQ(after.parent_account(), account.name());
  EXPECT_EQ(after.parent_contact(), contact.name());
  EXPECT_EQ(History<Lead>(client, lead.name()).front().event(), "crm.sales.v1.lead.reparented");

  request.set_validate_only(true);
  request.clear_parent_account();
  EXPECT_TRUE(reparent(request).ok());
  EXPECT_EQ(Get<Lead>(client, lead.name()).body.parent_account(), account.name());
  request.set_validate_only(false);
  const auto left = reparent(request);
  ASSERT_TRUE(left.ok()) << left;
  EXPECT_EQ(left.body.previous_parent_account(), account.name());
  EXPECT_EQ(Get<Lead>(client, lead.name()).body.parent_account(), "");
  EXPECT_EQ(Get<Lead>(client, lead.name()).body.parent_contact(), contact.name());

  request.set_parent_account(contact.name());
  EXPECT_EQ(reparent(request).code, grpc::StatusCode::INVALID_ARGUMENT);
  // One that is closed is not moved.
  sales::v1::DisqualifyLeadRequest disqualify;
  disqualify.set_name(lead.name());
  ASSERT_TRUE(
      client.Call<sales::v1::DisqualifyLeadResponse>(OneOf<Lead>("Disqualify"), disqualify).ok());
  request.set_parent_account(account.name());
  EXPECT_EQ(reparent(request).reason, "RECORD_INACTIVE");
}

}  // namespace
}  // namespace crm::test
