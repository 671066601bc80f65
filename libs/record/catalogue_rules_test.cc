#include <gtest/gtest.h>

#include <functional>

#include "libs/record/the_catalogue.h"

// What a record type must not be, each by a change of the leads' descriptors.
namespace crm::record {
namespace {

using google::protobuf::FileDescriptorProto;

// What is wrong with the catalogue after a change.
std::string BuildWith(const std::function<void(FileDescriptorProto*)>& change) {
  google::protobuf::FileDescriptorSet files;
  EXPECT_TRUE(files.ParseFromString(TheCatalogue().descriptors()));
  for (auto& file : *files.mutable_file()) {
    if (file.name() == "crm/sales/v1/lead.proto") change(&file);
  }
  auto built = Catalogue::Build(files, {"crm.sales.v1.Event"});
  return built ? "" : built.error().text;
}

void ExpectRefused(std::string_view part, const std::function<void(FileDescriptorProto*)>& change) {
  const std::string text = BuildWith(change);
  EXPECT_NE(text.find(part), std::string::npos) << "'" << text << "' does not say '" << part << "'";
}

google::protobuf::DescriptorProto* LeadOf(FileDescriptorProto* file) {
  for (auto& message : *file->mutable_message_type()) {
    if (message.name() == "Lead") return &message;
  }
  return nullptr;
}

google::protobuf::FieldDescriptorProto* FieldOf(FileDescriptorProto* file, std::string_view name) {
  for (auto& field : *LeadOf(file)->mutable_field()) {
    if (field.name() == name) return &field;
  }
  return nullptr;
}

v1::Record* RecordOf(FileDescriptorProto* file) {
  return LeadOf(file)->mutable_options()->MutableExtension(v1::record);
}

v1::Field* AnnotationOf(FileDescriptorProto* file, std::string_view name) {
  return FieldOf(file, name)->mutable_options()->MutableExtension(v1::field);
}

v1::Command* CommandOf(FileDescriptorProto* file, std::string_view name) {
  for (auto& method : *file->mutable_service(0)->mutable_method()) {
    if (method.name() == name) return method.mutable_options()->MutableExtension(v1::command);
  }
  return nullptr;
}

TEST(CatalogueRules, AcceptTheTypesAsTheyAre) {
  EXPECT_EQ(BuildWith([](FileDescriptorProto*) {}), "");
}

TEST(CatalogueRules, OfStandardFieldsAndTitles) {
  ExpectRefused("crm.sales.v1.Lead.version",
                [](auto* file) { FieldOf(file, "etag")->set_name("version"); });
  ExpectRefused("Lead.nothing: the title",
                [](auto* file) { RecordOf(file)->set_title("nothing"); });
  ExpectRefused("Lead.revenue: the title",
                [](auto* file) { RecordOf(file)->set_title("revenue"); });
  ExpectRefused("exists twice", [](auto* file) { RecordOf(file)->set_collection("notes"); });
}

TEST(CatalogueRules, OfIndexes) {
  ExpectRefused("no index can be by town",
                [](auto* file) { RecordOf(file)->add_index()->add_by("town"); });
  ExpectRefused("no index can be by custom",
                [](auto* file) { RecordOf(file)->add_index()->add_by("custom"); });
  ExpectRefused("exists twice",
                [](auto* file) { *RecordOf(file)->add_index() = RecordOf(file)->index(0); });
}

TEST(CatalogueRules, OfFields) {
  ExpectRefused("Lead.subject: personal fields",
                [](auto* file) { AnnotationOf(file, "subject")->set_personal(true); });
  ExpectRefused("Lead.website: only texts of no other form",
                [](auto* file) { AnnotationOf(file, "website")->set_multiline(true); });
  ExpectRefused("Lead.rating: only texts of no other form",
                [](auto* file) { AnnotationOf(file, "rating")->set_multiline(true); });
}

TEST(CatalogueRules, OfStates) {
  ExpectRefused("Lead.STATE_GONE",
                [](auto* file) { RecordOf(file)->add_editable_in("STATE_GONE"); });
  ExpectRefused("Lead.STATUS_NEW: belongs to no state", [](auto* file) {
    auto* status = LeadOf(file)->mutable_enum_type(1)->mutable_value(1);
    status->mutable_options()->MutableExtension(v1::option)->set_of_state(9);
  });
}

TEST(CatalogueRules, OfReferences) {
  const auto reference = [](auto* file, std::string_view field) {
    return AnnotationOf(file, field)->mutable_reference();
  };
  ExpectRefused("Lead.parent_account: acyclic",
                [&](auto* file) { reference(file, "parent_account")->set_acyclic(true); });
  ExpectRefused("Lead.campaign: merge is",
                [&](auto* file) { reference(file, "campaign")->set_merge(v1::RESTRICT); });
  ExpectRefused("Lead.campaign: assign and share",
                [&](auto* file) { reference(file, "campaign")->set_assign(v1::UNLINK); });
  ExpectRefused("Lead.notes: merge is",
                [](auto* file) { RecordOf(file)->mutable_carries(0)->set_merge(v1::UNLINK); });
  ExpectRefused("Lead.cases",
                [](auto* file) { RecordOf(file)->add_carries()->add_types("cases"); });
  ExpectRefused("crm/sales/v1/lead.proto", [](auto* file) { file->clear_dependency(); });
}

TEST(CatalogueRules, OfMethods) {
  ExpectRefused("has not all standard methods: 11 of 12", [](auto* file) {
    file->mutable_service(0)->mutable_method()->DeleteSubrange(4, 1);
  });
  ExpectRefused("MakeLead: is neither", [](auto* file) {
    file->mutable_service(0)->mutable_method(0)->set_name("MakeLead");
  });
}

TEST(CatalogueRules, OfTheStatesThatCommandsLeadTo) {
  ExpectRefused("Leads/DisqualifyLead: STATE_GONE is no state to lead to",
                [](auto* file) { CommandOf(file, "DisqualifyLead")->set_to("STATE_GONE"); });
  const auto transition = [](auto* file) {
    v1::Transition* way = CommandOf(file, "ReactivateLead")->mutable_transition();
    way->add_from("STATE_DISQUALIFIED");
    way->set_to("STATE_OPEN");
    return way;
  };
  EXPECT_EQ(BuildWith([&](auto* file) { transition(file)->set_status("STATUS_NEW"); }), "");
  ExpectRefused("Leads/ReactivateLead:  is no state to lead to",
                [&](auto* file) { transition(file)->clear_to(); });
  ExpectRefused("Leads/ReactivateLead: STATE_GONE is no state to lead from",
                [&](auto* file) { transition(file)->add_from("STATE_GONE"); });
  ExpectRefused("Leads/ReactivateLead: STATUS_LOST is no status of STATE_OPEN",
                [&](auto* file) { transition(file)->set_status("STATUS_LOST"); });
}

}  // namespace
}  // namespace crm::record
