#include "libs/record/catalogue.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "libs/record/the_catalogue.h"

namespace crm::record {
namespace {

TEST(Catalogue, KnowsLeads) {
  const RecordType* lead = TheCatalogue().FindType("leads");
  ASSERT_TRUE(lead);
  EXPECT_EQ(lead, TheCatalogue().FindTypeByNumber(10));
  EXPECT_EQ(lead, TheCatalogue().FindTypeByMessage("crm.sales.v1.Lead"));
  EXPECT_EQ(lead->singular, "lead");
  EXPECT_EQ(lead->title, lead->Find("full_name"));
  EXPECT_EQ(lead->EventType("qualified"), "crm.sales.v1.lead.qualified");
  EXPECT_EQ(lead->DefaultStatus(1), 2);
  EXPECT_EQ(lead->DefaultStatus(2), 4);
  EXPECT_EQ(lead->DefaultStatus(3), 5);
  EXPECT_EQ(lead->DefaultStatus(4), 0);
  EXPECT_TRUE(lead->EditableIn(1));
  EXPECT_FALSE(lead->EditableIn(2));
  const Field* rating = lead->Find("rating");
  ASSERT_TRUE(rating && rating->options);
  EXPECT_EQ(rating->options->default_number, 3);
  EXPECT_EQ(rating->options->Find("RATING_HOT")->number, 2);
  EXPECT_EQ(rating->options->Find(4)->option.code(), 3);
  EXPECT_EQ(lead->Find("state")->options->default_number, 1);
  EXPECT_EQ(lead->Find("parent_account")->kind, Kind::kReference);
  EXPECT_EQ(lead->Find("revenue")->kind, Kind::kMoney);
  EXPECT_EQ(lead->Find("estimated_close_date")->kind, Kind::kDate);
  EXPECT_TRUE(lead->Find("subject")->required);
  EXPECT_TRUE(lead->Find("custom")->map);
}

TEST(Catalogue, GivesEveryTypeItsIndexes) {
  const RecordType* lead = TheCatalogue().FindType("leads");
  ASSERT_TRUE(lead);
  EXPECT_EQ(lead->indexes[0].name, "create_time");
  EXPECT_EQ(lead->indexes[0].number, 0);
  ASSERT_TRUE(lead->FindIndex("state,rating"));
  EXPECT_TRUE(lead->FindIndex("state,rating")->past);
  // `master` names a lead and is emptied when that one goes; `campaign` names nothing known here.
  EXPECT_TRUE(lead->FindIndex("master"));
  EXPECT_FALSE(lead->FindIndex("campaign"));
}

TEST(Catalogue, GroupsFieldsByWhatWritingDoesWithThem) {
  const RecordType* lead = TheCatalogue().FindType("leads");
  ASSERT_TRUE(lead);
  for (const Field& field : lead->message->fields) {
    const bool ignored = std::count(lead->ignored.begin(), lead->ignored.end(), &field) > 0;
    EXPECT_EQ(ignored, field.output_only || field.identifier) << field.name;
  }
  std::vector<std::string> defaulted;
  for (const Field* field : lead->defaulted) defaulted.push_back(field->name);
  EXPECT_EQ(std::count(defaulted.begin(), defaulted.end(), "owner"), 1);
  EXPECT_EQ(std::count(defaulted.begin(), defaulted.end(), "status"), 1);
  EXPECT_EQ(std::count(defaulted.begin(), defaulted.end(), "rating"), 1);
  EXPECT_EQ(std::count(defaulted.begin(), defaulted.end(), "subject"), 0);
  std::vector<std::string> amounts;
  for (const Amount& amount : lead->amounts) {
    ASSERT_TRUE(amount.base) << amount.field->name;
    amounts.push_back(amount.field->name + "," + amount.base->name);
  }
  EXPECT_EQ(amounts,
            (std::vector<std::string>{"revenue,revenue_base", "budget_amount,budget_amount_base",
                                      "estimated_amount,estimated_amount_base"}));
  EXPECT_EQ(lead->currency, lead->Find("currency"));
  const MessageType* message = lead->message;
  EXPECT_EQ(std::count(message->references.begin(), message->references.end(), lead->Find("owner")),
            1);
  EXPECT_EQ(
      std::count(message->references.begin(), message->references.end(), lead->Find("subject")), 0);
}

TEST(Catalogue, KnowsByWhichIndexesDecidingFindsRecords) {
  const RecordType* currency = TheCatalogue().FindType("currencies");
  ASSERT_TRUE(currency);
  EXPECT_TRUE(currency->FindIndex("code")->followed) << "unique";
  EXPECT_TRUE(currency->FindIndex("base")->followed) << "decides";
  const RecordType* lead = TheCatalogue().FindType("leads");
  EXPECT_TRUE(lead->FindIndex("master")->followed) << "leads to those that refer to it";
  EXPECT_FALSE(lead->FindIndex("state,rating")->followed);
}

TEST(Catalogue, KnowsWhatADeleteMeets) {
  const RecordType* lead = TheCatalogue().FindType("leads");
  ASSERT_TRUE(lead);
  auto find = [&](std::string_view from, std::string_view field) -> const Referrer* {
    for (const Referrer& referrer : lead->referrers) {
      if (referrer.from->collection == from && referrer.field->name == field) return &referrer;
    }
    return nullptr;
  };
  ASSERT_TRUE(find("leads", "master"));
  EXPECT_EQ(find("leads", "master")->on_delete, v1::UNLINK);
  ASSERT_TRUE(find("notes", "regarding"));
  EXPECT_EQ(find("notes", "regarding")->on_delete, v1::ALL);
  EXPECT_EQ(find("notes", "regarding")->index->name, "regarding,create_time");
  EXPECT_TRUE(find("tasks", "regarding"));
  ASSERT_TRUE(find("contacts", "originating_lead"));
  EXPECT_EQ(find("contacts", "originating_lead")->on_delete, v1::UNLINK);
  EXPECT_EQ(find("contacts", "parent_customer"), nullptr);
}

TEST(Catalogue, KnowsWhatElseHappensWithAReferencedRecord) {
  auto find = [](std::string_view to, std::string_view from, std::string_view field) {
    for (const Referrer& referrer : TheCatalogue().FindType(to)->referrers) {
      if (referrer.from->collection == from && referrer.field->name == field) return referrer;
    }
    return Referrer{};
  };
  Referrer contact = find("accounts", "contacts", "parent_customer");
  EXPECT_EQ(contact.on_assign, v1::ALL);
  EXPECT_EQ(contact.on_share, v1::ALL);
  EXPECT_EQ(contact.on_merge, v1::ALL);
  EXPECT_TRUE(contact.reparent);
  Referrer task = find("leads", "tasks", "regarding");
  EXPECT_EQ(task.on_assign, v1::NONE);
  EXPECT_EQ(task.on_merge, v1::ALL);
  EXPECT_TRUE(task.reparent);
  Referrer post = find("leads", "posts", "regarding");
  EXPECT_EQ(post.on_delete, v1::ALL);
  EXPECT_EQ(post.on_merge, v1::NONE);
  EXPECT_FALSE(post.reparent);
  Referrer originating = find("leads", "contacts", "originating_lead");
  EXPECT_EQ(originating.on_assign, v1::NONE);
  EXPECT_EQ(originating.on_merge, v1::ALL);
  EXPECT_FALSE(originating.reparent);
  for (const RecordType* type : TheCatalogue().Types()) {
    for (const Referrer& referrer : type->referrers) {
      EXPECT_NE(referrer.on_delete, v1::BY_PRESET);
      EXPECT_NE(referrer.on_assign, v1::BY_PRESET);
      // A share is inherited or not, whatever the state and the owner below.
      EXPECT_TRUE(referrer.on_share == v1::ALL || referrer.on_share == v1::NONE);
      EXPECT_NE(referrer.on_merge, v1::BY_PRESET);
      EXPECT_NE(referrer.index, nullptr);
    }
  }
}

TEST(Catalogue, KnowsTheMethods) {
  const Method* create = TheCatalogue().FindMethod("/crm.sales.v1.Leads/CreateLead");
  ASSERT_TRUE(create);
  EXPECT_EQ(create->kind, MethodKind::kCreate);
  EXPECT_EQ(create->type->collection, "leads");
  EXPECT_EQ(create->request->full_name, "crm.sales.v1.CreateLeadRequest");
  EXPECT_TRUE(create->response->record);
  EXPECT_EQ(TheCatalogue().FindMethod("/crm.sales.v1.Leads/ListLeadHistory")->kind,
            MethodKind::kHistory);
  EXPECT_TRUE(TheCatalogue().FindMethod("/crm.activity.v1.Tasks/WatchTasks")->streams);
  const Method* disqualify = TheCatalogue().FindMethod("/crm.sales.v1.Leads/DisqualifyLead");
  EXPECT_EQ(disqualify->kind, MethodKind::kCommand);
  EXPECT_EQ(disqualify->command.right(), v1::WRITE);
  EXPECT_EQ(disqualify->command.event(), "lead.disqualified");
  const Method* any = TheCatalogue().FindMethod("/crm.record.v1.Records/BatchGetRecords");
  EXPECT_EQ(any->kind, MethodKind::kBatchGet);
  EXPECT_EQ(any->type, nullptr);
  const Method* verify = TheCatalogue().FindMethod("/crm.record.v1.Verification/Verify");
  ASSERT_TRUE(verify);
  EXPECT_EQ(verify->kind, MethodKind::kCommand);
  EXPECT_EQ(verify->type, nullptr);
  EXPECT_FALSE(TheCatalogue().FindMethod("/crm.sales.v1.Leads/Nothing"));
  EXPECT_EQ(TheCatalogue().FindRefusal("LEAD_ALREADY_OPEN")->code(), 9);
  EXPECT_FALSE(TheCatalogue().FindRefusal("STATE_OPEN"));
}

TEST(Catalogue, FindsPathsOfNestedFields) {
  const MessageType& lead = *TheCatalogue().FindType("leads")->message;
  ASSERT_EQ(FindPath(lead, "address1.city").size(), 2u);
  EXPECT_EQ(FindPath(lead, "address1.city")[1]->name, "city");
  for (std::string_view bad :
       {"", ".", "address1.", "address1.town", "revenue.units", "custom.size", "email.x"}) {
    EXPECT_TRUE(FindPath(lead, bad).empty()) << bad;
  }
}

TEST(Catalogue, IsTheSameEachTime) {
  auto other = BuiltInCatalogue();
  ASSERT_TRUE(other);
  EXPECT_EQ((*other)->fingerprint(), TheCatalogue().fingerprint());
  EXPECT_EQ((*other)->descriptors_sha256(), TheCatalogue().descriptors_sha256());
  EXPECT_EQ(TheCatalogue().descriptors_sha256().size(), 64u);
}

// The descriptors are the API's documentation, too.
TEST(Catalogue, HasTheCommentsOfEveryField) {
  for (const char* name : {"crm.sales.v1.Lead", "crm.activity.v1.Email", "crm.record.v1.Change"}) {
    const auto* message = TheCatalogue().pool().FindMessageTypeByName(name);
    for (int i = 0; i < message->field_count(); ++i) {
      google::protobuf::SourceLocation location;
      ASSERT_TRUE(message->field(i)->GetSourceLocation(&location))
          << message->field(i)->full_name();
      EXPECT_FALSE(location.leading_comments.empty()) << message->field(i)->full_name();
    }
  }
}

// Builds the catalogue with a second service whose root event holds these: type and number.
Result<std::unique_ptr<Catalogue>> BuildWithService(
    const std::vector<std::pair<std::string, int>>& members) {
  google::protobuf::FileDescriptorSet files;
  EXPECT_TRUE(files.ParseFromString(TheCatalogue().descriptors()));
  auto* file = files.add_file();
  file->set_name("crm/other/v1/event.proto");
  file->set_package("crm.other.v1");
  file->set_syntax("proto3");
  for (const char* needed :
       {"crm/event/v1/event.proto", "crm/activity/v1/note.proto", "crm/sales/v1/lead.proto"}) {
    file->add_dependency(needed);
  }
  auto* event = file->add_message_type();
  event->set_name("Event");
  event->add_oneof_decl()->set_name("record");
  for (const auto& [type, number] : members) {
    auto* field = event->add_field();
    field->set_name("field" + std::to_string(number));
    field->set_number(number);
    field->set_type(google::protobuf::FieldDescriptorProto::TYPE_MESSAGE);
    field->set_label(google::protobuf::FieldDescriptorProto::LABEL_OPTIONAL);
    field->set_type_name("." + type);
    field->set_oneof_index(0);
  }
  return Catalogue::Build(files, {"crm.sales.v1.Event", "crm.other.v1.Event"});
}

TEST(Catalogue, KnowsWhichServicesHostAType) {
  std::vector<std::pair<std::string, int>> members = {{"crm.event.v1.Claim", 1},
                                                      {"crm.event.v1.Alive", 2},
                                                      {"crm.event.v1.Released", 3},
                                                      {"crm.event.v1.Reached", 4},
                                                      {"crm.activity.v1.Note", 100}};
  const auto built = BuildWithService(members);
  ASSERT_TRUE(built) << built.error().text;
  EXPECT_EQ((*built)->FindType("notes")->services, (std::vector<std::string>{"sales", "other"}));
  EXPECT_TRUE((*built)->FindType("notes")->HostedBy("other"));
  EXPECT_FALSE((*built)->FindType("leads")->HostedBy("other"));

  auto expect = [&](const std::string& part) {
    const auto refused = BuildWithService(members);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().text.find(part), std::string::npos) << refused.error().text;
  };
  members.back().second = 101;
  expect("crm.activity.v1.Note: has two numbers");
  members.back() = {"crm.sales.v1.Lead", 100};
  expect("crm.sales.v1.Lead: has two numbers");
  members = {{"crm.event.v1.Claim", 1}, {"crm.activity.v1.Note", 100}};
  expect("crm.other.v1.Event: number 2 is no crm.event.v1.Alive");
}

}  // namespace
}  // namespace crm::record
