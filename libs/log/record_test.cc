#include "libs/log/record.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "libs/log/example_messages.h"
#include "libs/log/read_headers.h"
#include "libs/record/uuid.h"

namespace crm::log {
namespace {

Envelope FullEnvelope() {
  const auto id = record::Uuid::Parse("01920000-0000-7000-8000-000000000001");
  const auto command = record::Uuid::Parse("01920000-0000-7000-8000-000000000002");
  Envelope e;
  e.set_id(std::string(id->Bytes()));
  e.set_source("/crm/sales");
  e.set_type("crm.sales.v1.lead.qualified");
  e.set_subject("leads/01920000-0000-7000-8000-000000000003");
  e.set_time_us(1'385'164'800'000'001);
  e.set_dataschema("crm:abc#crm.sales.v1.Event");
  e.set_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  e.set_tenant("acme");
  e.set_actor("users/u");
  e.set_on_behalf_of("users/v");
  e.set_client("api");
  e.set_command(std::string(command->Bytes()));
  e.set_changed("state,address1.city");
  e.set_recorded_time_us(-1);
  e.set_claim(12);
  e.set_claim_id(0xab);
  e.set_seq(34);
  e.set_commit_index(2);
  e.set_commit_count(4);
  e.set_cause("service/3@1234");
  e.set_request("r-1");
  e.set_request_hash("0123456789abcdef0123456789abcdef");
  e.set_outbox("import/7");
  e.set_outcome(std::string("\x00\x01", 2));
  auto* header = e.add_header();
  header->set_name("ce_later");
  header->set_value("kept");
  return e;
}

std::string ValueOf(const std::vector<Header>& headers, const std::string& name) {
  for (const Header& header : headers) {
    if (header.name == name) return header.value;
  }
  return "absent";
}

TEST(RecordTest, HeadersAreThoseOfCloudEventsAndComeBack) {
  const auto headers = ToHeaders(FullEnvelope());
  EXPECT_EQ(headers.front(), (Header{"ce_specversion", "1.0"}));
  EXPECT_EQ(ValueOf(headers, "ce_id"), "01920000-0000-7000-8000-000000000001");
  EXPECT_EQ(ValueOf(headers, "ce_time"), "2013-11-23T00:00:00.000001Z");
  EXPECT_EQ(ValueOf(headers, "ce_recordedtime"), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(ValueOf(headers, "ce_claim"), "12.00000000000000ab");
  EXPECT_EQ(ValueOf(headers, "ce_seq"), "34");
  EXPECT_EQ(ValueOf(headers, "ce_commit"), "2/4");
  EXPECT_EQ(ValueOf(headers, "content-type"), "application/protobuf");
  EXPECT_EQ(headers.back(), (Header{"ce_later", "kept"}));
  const auto back = FromHeaders(headers);
  ASSERT_TRUE(back) << back.error().text;
  EXPECT_EQ(back->SerializeAsString(), FullEnvelope().SerializeAsString());
}

TEST(RecordTest, WhatIsNotSetHasNoHeader) {
  Envelope e;
  e.set_type("crm.event.v1.alive");
  const auto headers = ToHeaders(e);
  EXPECT_EQ(headers.size(), 5u);  // specversion, type, content-type, claim, seq
  EXPECT_EQ(FromHeaders(headers)->SerializeAsString(), e.SerializeAsString());
}

TEST(RecordTest, NothingIsLeftOfTheMessageThatWasReadBefore) {
  Envelope envelope = FullEnvelope();
  const std::vector<HeaderView> headers = {{"ce_specversion", "1.0"},
                                           {"ce_type", "crm.event.v1.alive"}};
  ASSERT_TRUE(ReadHeaders(headers, &envelope));
  Envelope alive;
  alive.set_type("crm.event.v1.alive");
  EXPECT_EQ(envelope.SerializeAsString(), alive.SerializeAsString());
}

TEST(RecordTest, HeadersMayComeInAnyOrder) {
  auto headers = ToHeaders(FullEnvelope());
  std::reverse(headers.begin(), headers.end());
  EXPECT_EQ(FromHeaders(headers)->SerializeAsString(), FullEnvelope().SerializeAsString());
}

TEST(RecordTest, HeadersThatMustBeThere) {
  for (const char* name : {"ce_specversion", "ce_type"}) {
    auto headers = ToHeaders(FullEnvelope());
    std::erase_if(headers, [&](const Header& header) { return header.name == name; });
    const auto read = FromHeaders(headers);
    ASSERT_FALSE(read) << name;
    EXPECT_NE(read.error().text.find(name), std::string::npos);
  }
}

TEST(RecordTest, MalformedHeadersAreNamed) {
  const std::pair<const char*, const char*> wrong[] = {
      {"ce_specversion", "0.3"},
      {"ce_id", "7"},
      {"ce_time", "2013-02-30T00:00:00.000000Z"},
      {"ce_time", "yesterday"},
      {"ce_claim", "12"},
      {"ce_time", "2013-11-23T24:00:00.000000Z"},
      {"ce_time", "2013-11-23T00:60:00.000000Z"},
      {"ce_time", "2013-11-23T00:00:60.000000Z"},
      {"ce_time", "2013-00-23T00:00:00.000000Z"},
      {"ce_time", "2013-13-23T00:00:00.000000Z"},
      {"ce_time", "2013-11-23T00:00:00.00000Z"},
      {"ce_time", "+013-11-23T00:00:00.000000Z"},
      {"ce_time", "2013-11-23 00:00:00.000000Z"},
      {"ce_claim", "12.ab"},
      {"ce_claim", "012.00000000000000ab"},
      {"ce_claim", "12.00000000000000AB"},
      {"ce_claim", ".00000000000000ab"},
      {"ce_seq", "-1"},
      {"ce_commit", "2 of 4"},
      {"content-type", "text/plain"},
  };
  for (const auto& [name, value] : wrong) {
    auto headers = ToHeaders(FullEnvelope());
    for (Header& header : headers) {
      if (header.name == name) header.value = value;
    }
    const auto read = FromHeaders(headers);
    ASSERT_FALSE(read) << name << " " << value;
    EXPECT_NE(read.error().text.find(name), std::string::npos);
  }
}

TEST(RecordTest, BodiesSplitWhereTheyWereJoined) {
  const std::string body = EncodeBody(FullEnvelope(), "the value");
  const auto parts = SplitBody(body);
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->envelope, FullEnvelope().SerializeAsString());
  EXPECT_EQ(parts->value, "the value");
  EXPECT_TRUE(SplitBody(EncodeBody(FullEnvelope(), ""))->value.empty());
  EXPECT_FALSE(SplitBody(""));
  EXPECT_FALSE(
      SplitBody("\x05"
                "abc"));
  EXPECT_FALSE(SplitBody("\xff\xff\xff\xff\xff\xff"));
}

TEST(RecordTest, KeysAreTenantAndSubject) {
  EXPECT_EQ(KeyOf(FullEnvelope()), "acme/leads/01920000-0000-7000-8000-000000000003");
  EXPECT_EQ(KeyOf(example::EnvelopeUnder({1, 1}, 1)), "");
}

}  // namespace
}  // namespace crm::log
