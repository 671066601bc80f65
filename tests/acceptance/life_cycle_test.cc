#include <gmock/gmock.h>

#include "crm/sales/v1/lead.pb.h"
#include "tests/server/sales_records.h"

// Record types whose states are all that their commands change: products and duplicate rules.
namespace crm::test {
namespace {

using record::v1::TransitionRequest;
using record::v1::TransitionResponse;
using sales::v1::QualifyLeadRequest;
using sales::v1::QualifyLeadResponse;
using testing::ElementsAre;

template <class Record>
Answer<TransitionResponse> Carry(const Client& client, const std::string& verb,
                                 const std::string& name) {
  TransitionRequest request;
  request.set_name(name);
  return client.Call<TransitionResponse>(OneOf<Record>(verb), request);
}

template <class Record>
std::vector<std::string> EventsOf(const Client& client, const std::string& name) {
  std::vector<std::string> events;
  for (const auto& change : History<Record>(client, name)) {
    events.push_back(change.event().substr(change.event().rfind('.') + 1));
  }
  return events;
}

Answer<Product> Rename(const Client& client, const std::string& name, const std::string& title) {
  Product product;
  product.set_name(name);
  product.set_display_name(title);
  return Update(client, product, {"display_name"});
}

Product NewProduct(const std::string& title, const std::string& number) {
  Product product;
  product.set_display_name(title);
  product.set_product_number(number);
  return product;
}

TEST(LifeCycle, AProductIsPublishedRevisedRetiredAndSoldAgain) {
  const Client client(Server::Shared(), "product-life");
  const std::string product = Made(client, NewProduct("GTX Pro", "GTX-1")).name();
  const auto state = [&] { return Get<Product>(client, product).body.state(); };
  EXPECT_EQ(state(), Product::STATE_DRAFT);
  EXPECT_TRUE(Rename(client, product, "GTX Pro 2").ok());
  // What is not sold is neither revised, retired nor sold again.
  const auto before = Verify(client);
  for (const char* verb : {"Revise", "Retire", "Activate"}) {
    const auto refused = Carry<Product>(client, verb, product);
    EXPECT_EQ(refused.reason, "INVALID_TRANSITION") << verb;
    EXPECT_EQ(refused.facts.at("state"), "STATE_DRAFT") << verb;
  }
  EXPECT_EQ(Verify(client), before);

  const auto published = Carry<Product>(client, "Publish", product);
  ASSERT_TRUE(published.ok()) << published;
  EXPECT_EQ(published.body.previous_state(), "STATE_DRAFT");
  EXPECT_EQ(state(), Product::STATE_ACTIVE);
  EXPECT_EQ(Get<Product>(client, product).body.status(), Product::STATUS_ACTIVE);
  EXPECT_EQ(Rename(client, product, "Else").reason, "RECORD_INACTIVE");
  EXPECT_EQ(Carry<Product>(client, "Publish", product).reason, "INVALID_TRANSITION");

  ASSERT_TRUE(Carry<Product>(client, "Revise", product).ok());
  EXPECT_EQ(state(), Product::STATE_UNDER_REVISION);
  EXPECT_TRUE(Rename(client, product, "GTX Pro 3").ok());
  ASSERT_TRUE(Carry<Product>(client, "Publish", product).ok());
  ASSERT_TRUE(Carry<Product>(client, "Retire", product).ok());
  EXPECT_EQ(state(), Product::STATE_RETIRED);
  EXPECT_EQ(Get<Product>(client, product).body.status(), Product::STATUS_RETIRED);
  EXPECT_EQ(Carry<Product>(client, "Revise", product).reason, "INVALID_TRANSITION");
  ASSERT_TRUE(Carry<Product>(client, "Activate", product).ok());
  EXPECT_EQ(state(), Product::STATE_ACTIVE);
  EXPECT_THAT(EventsOf<Product>(client, product),
              ElementsAre("activated", "retired", "published", "updated", "revised", "published",
                          "updated", "created"));
}

TEST(LifeCycle, ProductsOfAFamilyHoldIt) {
  const Client client(Server::Shared(), "product-family");
  Product family = NewProduct("GTX", "GTX");
  family.set_structure(Product::STRUCTURE_PRODUCT_FAMILY);
  family = Made(client, family);
  Product member = NewProduct("GTX Pro", "GTX-1");
  member.set_family(family.name());
  member = Made(client, member);
  EXPECT_EQ(Create(client, NewProduct("Another", "GTX-1")).reason, "ALTERNATE_KEY");
  const auto refused = Delete<Product>(client, family.name(), true);
  EXPECT_EQ(refused.reason, "RESTRICTED");
  EXPECT_EQ(refused.facts.at("products"), "1");
  const auto preview = PreviewDelete<Product>(client, family.name());
  EXPECT_EQ(preview.body.refusal().code(), refused.code) << preview;
  EXPECT_EQ(preview.body.refusal().message(), refused.message);
  EXPECT_EQ(preview.body.blockers().at("products"), 1);
  EXPECT_FALSE(PreviewDelete<Product>(client, member.name()).body.has_refusal());
  Product circle;
  circle.set_name(family.name());
  circle.set_family(member.name());
  EXPECT_EQ(Update(client, circle, {"family"}).faults.at("product.family"), "CYCLE");
  ASSERT_TRUE(Delete<Product>(client, member.name()).ok());
  EXPECT_TRUE(Delete<Product>(client, family.name()).ok());
}

DuplicateRule RuleOn(const std::string& collection, const std::string& field) {
  DuplicateRule rule;
  rule.set_display_name("Same " + field);
  rule.set_base_type(collection);
  rule.set_matching_type(collection);
  auto& condition = *rule.add_conditions();
  condition.set_base_field(field);
  condition.set_matching_field(field);
  condition.set_operator_(DuplicateRule::OPERATOR_EXACT);
  condition.set_ignore_blank(true);
  return rule;
}

Answer<QualifyLeadResponse> QualifyToAccount(const Client& client, const std::string& email) {
  Lead lead = NewLead("Ionescu");
  lead.set_company_name("Velo");
  lead.set_email(email);
  QualifyLeadRequest request;
  request.set_name(Made(client, lead).name());
  request.set_create_account(true);
  return client.Call<QualifyLeadResponse>("/crm.sales.v1.Leads/QualifyLead", request);
}

// A published rule takes the place of those that come with the product, until it is unpublished.
TEST(LifeCycle, APublishedDuplicateRuleIsFollowed) {
  const Client client(Server::Shared(), "rule-life");
  Account there = NewAccount("Velo");
  there.set_email("office@velo.example");
  there = Made(client, there);
  // By the folded name, as long as there is no rule.
  EXPECT_EQ(QualifyToAccount(client, "other@velo.example").reason, "DUPLICATES_DETECTED");

  const std::string rule = Made(client, RuleOn("accounts", "email")).name();
  EXPECT_EQ(QualifyToAccount(client, "other@velo.example").reason, "DUPLICATES_DETECTED");
  ASSERT_TRUE(Carry<DuplicateRule>(client, "Publish", rule).ok());
  EXPECT_EQ(Get<DuplicateRule>(client, rule).body.status(), DuplicateRule::STATUS_PUBLISHED);
  EXPECT_TRUE(QualifyToAccount(client, "other@velo.example").ok());
  EXPECT_EQ(QualifyToAccount(client, "office@velo.example").reason, "DUPLICATES_DETECTED");

  // What is in use is not edited.
  DuplicateRule changed;
  changed.set_name(rule);
  changed.set_display_name("Another");
  EXPECT_EQ(Update(client, changed, {"display_name"}).reason, "RECORD_INACTIVE");
  EXPECT_EQ(Carry<DuplicateRule>(client, "Publish", rule).reason, "INVALID_TRANSITION");
  ASSERT_TRUE(Carry<DuplicateRule>(client, "Unpublish", rule).ok());
  EXPECT_TRUE(Update(client, changed, {"display_name"}).ok());
  EXPECT_EQ(QualifyToAccount(client, "other@velo.example").reason, "DUPLICATES_DETECTED");
  EXPECT_THAT(EventsOf<DuplicateRule>(client, rule),
              ElementsAre("updated", "unpublished", "published", "created"));
}

// A rule that would find nobody is refused when it is to be used, and says why.
TEST(LifeCycle, ADuplicateRuleThatFindsNobodyIsNotPublished) {
  const Client client(Server::Shared(), "rule-unusable");
  const auto refused = [&](const DuplicateRule& rule) {
    const auto answer = Carry<DuplicateRule>(client, "Publish", Made(client, rule).name());
    EXPECT_EQ(answer.reason, "DUPLICATE_RULE_UNUSABLE") << answer;
    return answer.facts.at("field");
  };
  EXPECT_EQ(refused(RuleOn("tasks", "subject")), "base_type");
  EXPECT_EQ(refused(RuleOn("accounts", "no_such_field")), "conditions[0].base_field");
  EXPECT_EQ(refused(RuleOn("accounts", "telephone2")), "conditions");
  DuplicateRule crossing = RuleOn("accounts", "email");
  crossing.set_matching_type("contacts");
  EXPECT_EQ(refused(crossing), "matching_type");
  DuplicateRule empty = RuleOn("contacts", "email");
  empty.clear_conditions();
  EXPECT_EQ(refused(empty), "conditions");
  EXPECT_EQ(Count<DuplicateRule>(client, "base_type = \"accounts\" AND state = \"STATE_ACTIVE\""),
            0);
}

}  // namespace
}  // namespace crm::test
