#include <google/protobuf/message.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>

#include "libs/log/facts.h"
#include "libs/record/built_in.h"
#include "libs/record/image.h"
#include "tests/golden/golden_file.h"

namespace crm::golden {
namespace {

const record::Catalogue& Catalogue() {
  static const auto catalogue = record::BuiltInCatalogue();
  EXPECT_TRUE(catalogue);
  return **catalogue;
}

std::set<std::string> Types() {
  std::set<std::string> types;
  for (const auto& entry : std::filesystem::directory_iterator(RECALL_GOLDEN)) {
    if (entry.path().extension() == ".txt") types.insert(entry.path().stem().string());
  }
  types.erase("CMakeLists");
  return types;
}

class Golden : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    std::ifstream in(std::string(RECALL_GOLDEN "/") + GetParam() + ".txt", std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    const auto file = GoldenFile::Parse(text.str());
    ASSERT_TRUE(file);
    EXPECT_EQ(file->Text(), text.str());
    file_ = *file;
    const auto parts = log::SplitBody(file_.body);
    ASSERT_TRUE(parts);
    ASSERT_TRUE(
        envelope_.ParseFromArray(parts->envelope.data(), static_cast<int>(parts->envelope.size())));
    value_ = parts->value;
  }

  GoldenFile file_;
  log::Envelope envelope_;
  std::string value_;
};

TEST_P(Golden, TheEnvelopeIsReadAndWrittenAgainTheSame) {
  EXPECT_EQ(envelope_.type(), GetParam());
  EXPECT_TRUE(envelope_.GetReflection()->GetUnknownFields(envelope_).empty());
  EXPECT_EQ(log::EncodeBody(envelope_, value_), file_.body);
}

TEST_P(Golden, TheHeadersAreTheEnvelope) {
  EXPECT_EQ(log::ToHeaders(envelope_), file_.headers);
  const auto read = log::FromHeaders(file_.headers);
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ(read->SerializeAsString(), envelope_.SerializeAsString());
}

TEST_P(Golden, TheReadingRulesUnderstandIt) {
  const auto facts = log::ReadFacts(file_.body);
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->claim, envelope_.claim());
  EXPECT_EQ(facts->claim_id, envelope_.claim_id());
  EXPECT_EQ(facts->seq, envelope_.seq());
  EXPECT_EQ(facts->recorded_time_us, envelope_.recorded_time_us());
  EXPECT_EQ(facts->value, value_);
  const bool own = GetParam().rfind("crm.event.", 0) == 0;
  EXPECT_EQ(facts->kind == log::Facts::Kind::kEvent, !own);
  EXPECT_EQ(log::KeyOf(envelope_).empty(), own);
  if (facts->kind == log::Facts::Kind::kClaim) {
    const auto claim = log::ReadClaim(facts->value);
    ASSERT_TRUE(claim);
    EXPECT_EQ(claim->number, envelope_.claim());
    EXPECT_EQ(claim->id, envelope_.claim_id());
  }
}

TEST_P(Golden, TheValueIsCanonicalAndKnown) {
  const std::string& schema = envelope_.dataschema();
  const std::string root = schema.substr(schema.find('#') + 1);
  const auto same = record::Normalise(*Catalogue().FindMessage(root), value_);
  ASSERT_TRUE(same) << same.error().text;
  EXPECT_EQ(*same, value_);
  const auto* type =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(root);
  ASSERT_NE(type, nullptr) << root;
  std::unique_ptr<google::protobuf::Message> event(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
  ASSERT_TRUE(event->ParseFromString(value_));
  const bool deleted =
      GetParam().size() > 8 && GetParam().substr(GetParam().size() - 8) == ".deleted";
  EXPECT_EQ(event->GetReflection()->HasOneof(*event, type->oneof_decl(0)), !deleted);
  // Nothing in it has become unknown, at any depth.
  event->DiscardUnknownFields();
  EXPECT_EQ(event->ByteSizeLong(), value_.size());
}

INSTANTIATE_TEST_SUITE_P(Types, Golden, testing::ValuesIn(Types()), [](const auto& tested) {
  std::string name = tested.param;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
});

TEST(GoldenFiles, EveryTypeThatTheCatalogueKnowsHasOne) {
  const std::set<std::string> there = Types();
  for (const auto* type : Catalogue().Types()) {
    for (const char* what : {"created", "updated", "deleted", "undeleted"}) {
      EXPECT_EQ(there.count(type->EventType(what)), 1u)
          << type->EventType(what) << ": add it to sample_events.cc and run write_golden";
    }
    if (type->Find("moving_time") != nullptr) {
      for (const char* what :
           {"merge_continued", "merge_ended", "unmerge_continued", "unmerge_ended"})
        EXPECT_EQ(there.count(type->EventType(what)), 1u) << type->EventType(what);
    }
    if (type->Find("delete_time") == nullptr) continue;
    for (const char* what :
         {"deletion_started", "deletion_continued", "undeletion_started", "undeletion_continued"})
      EXPECT_EQ(there.count(type->EventType(what)), 1u) << type->EventType(what);
  }
  for (const auto* method : Catalogue().Methods()) {
    if (method->command.event().empty() || method->type == nullptr) continue;
    const std::string type = method->type->package + "." + method->command.event();
    EXPECT_EQ(there.count(type), 1u) << type;
  }
}

}  // namespace
}  // namespace crm::golden
