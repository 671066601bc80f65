#include "libs/query/filter.h"

#include <gtest/gtest.h>

#include "libs/query/page_token.h"
#include "libs/query/plan.h"
#include "libs/query/position.h"
#include "libs/record/built_in.h"

namespace crm::query {
namespace {

const record::RecordType& Leads() {
  static const auto catalogue = record::BuiltInCatalogue();
  return *(*catalogue)->FindType("leads");
}

// The plan's index and direction, or the reason why there is none.
std::string PlanFor(const std::string& filter, const std::string& order = "", bool as_of = false) {
  std::vector<record::Violation> violations;
  const auto terms = ParseFilter(Leads(), filter, &violations);
  const auto fields = ParseOrder(Leads(), order, &violations);
  if (!violations.empty()) return violations.front().reason;
  Plan plan;
  const record::Status status = MakePlan(Leads(), terms, fields, as_of, {}, &plan);
  if (status.code() != record::kOk) return record::ReasonOf(status);
  return plan.index->name + (plan.reverse ? " reverse" : "");
}

TEST(Plan, TakesTheIndexThatAnswersFilterAndOrder) {
  EXPECT_EQ(PlanFor(""), "create_time reverse");
  EXPECT_EQ(PlanFor("", "create_time"), "create_time");
  EXPECT_EQ(PlanFor("state = STATE_OPEN"), "state,rating");
  EXPECT_EQ(PlanFor("state = STATE_OPEN AND status = \"STATUS_NEW\""), "state,status");
  EXPECT_EQ(PlanFor("email = \"ana@x.example\""), "email");
  EXPECT_EQ(
      PlanFor("create_time >= \"2026-01-01T00:00:00Z\" AND create_time < \"2026-02-01T00:00:00Z\""),
      "create_time");
  EXPECT_EQ(PlanFor("last_name = \"Ionescu\"", "first_name desc"), "last_name,first_name reverse");
}

TEST(Plan, RefusesWhatNoIndexAnswers) {
  EXPECT_EQ(PlanFor("website = \"x\""), "NO_INDEX");
  EXPECT_EQ(PlanFor("state > STATE_OPEN AND rating = RATING_HOT"), "NO_INDEX");
  EXPECT_EQ(PlanFor("state = STATE_OPEN", "email"), "NO_INDEX");
  EXPECT_EQ(PlanFor("email = \"ana@x.example\"", "", true), "NO_INDEX");
}

TEST(Filter, SaysWhatIsWrong) {
  EXPECT_EQ(PlanFor("shoe_size = 42"), "UNKNOWN_FIELD");
  EXPECT_EQ(PlanFor("state = STATE_ASLEEP"), "INVALID_VALUE");
  EXPECT_EQ(PlanFor("state"), "INVALID_FILTER");
  EXPECT_EQ(PlanFor("state = "), "INVALID_FILTER");
  EXPECT_EQ(PlanFor("state = \"STATE_OPEN"), "INVALID_FILTER");
  EXPECT_EQ(PlanFor("state = STATE_OPEN OR rating = RATING_HOT"), "INVALID_FILTER");
  EXPECT_EQ(PlanFor("state = STATE_OPEN AND"), "INVALID_FILTER");
  EXPECT_EQ(PlanFor(std::string(5000, 'x')), "TOO_LONG");
  EXPECT_EQ(PlanFor("last_name = \"A\" AND last_name = \"A\""), "INVALID_FILTER");
  EXPECT_EQ(PlanFor("last_name > \"A\" AND last_name = \"B\""), "INVALID_FILTER");
}

TEST(Order, SaysWhatIsWrong) {
  for (const auto& [order, text] : std::vector<std::pair<std::string, std::string>>{
           {"create_time sideways", "'sideways' is neither asc nor desc"},
           {"create_time desc desc", "after desc"},
           {"create_time,", "after the comma"},
           {"create_time, ,email", "'' is no field"},
           {"nope", "'nope' is no field"}}) {
    std::vector<record::Violation> violations;
    (void)ParseOrder(Leads(), order, &violations);
    ASSERT_EQ(violations.size(), 1u) << order;
    EXPECT_EQ(violations.front().path, "order_by");
    EXPECT_EQ(violations.front().reason, "INVALID_ORDER");
    EXPECT_NE(violations.front().description.find(text), std::string::npos)
        << violations.front().description;
  }
}

TEST(Position, ComesBackAsItWas) {
  const Position position{"sales", 3, 0x0123456789abcdef, 12'345};
  EXPECT_EQ(Position::Decode(position.Encode()), position);
  EXPECT_EQ(Position::Decode("0")->offset, -1);
  EXPECT_FALSE(Position::Decode("not a position"));
  EXPECT_FALSE(Position::Decode(position.Encode() + "A"));
}

TEST(PageToken, IsSealedToItsKeyAndQuestion) {
  const std::string token = PageToken{std::string("k\0ey", 4), 7}.Seal("secret", "question");
  auto opened = PageToken::Open(token, "secret", "question");
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->last_key, std::string("k\0ey", 4));
  EXPECT_EQ(opened->position, 7);
  EXPECT_FALSE(PageToken::Open(token, "secret", "another question"));
  EXPECT_FALSE(PageToken::Open(token, "another secret", "question"));
  std::string forged = token;
  forged.back() = forged.back() == 'A' ? 'B' : 'A';
  EXPECT_FALSE(PageToken::Open(forged, "secret", "question"));
  EXPECT_FALSE(PageToken::Open("", "secret", "question"));
}

}  // namespace
}  // namespace crm::query
