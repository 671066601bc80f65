#pragma once

#include <gmock/gmock.h>

#include <cctype>
#include <map>
#include <string>

#include "tests/server/filled.h"
#include "tests/server/records.h"

// What tests of bad input share.
namespace crm::test {

inline constexpr char kCreateLead[] = "/crm.sales.v1.Leads/CreateLead";

// A tenant with a few records. At the end of each test it has to have what it had at the beginning,
// and the server has to serve.
class BadInput : public testing::Test {
 protected:
  void SetUp() override {
    lead_ = Create(client_, FullLead(1)).body;
    note_ = Create(client_, FullNote(lead_.name(), 2)).body;
    ASSERT_NE(note_.name(), "");
    Remember();
  }
  void TearDown() override {
    EXPECT_EQ(Verify(client_), before_);
    EXPECT_EQ(Position(), position_);
    EXPECT_TRUE(Server::Shared().IsRunning());
    EXPECT_TRUE(Create(client_, NewLead("Alive")).ok());
  }

  // After something that was meant to be written.
  void Remember() {
    before_ = Verify(client_);
    position_ = Position();
  }
  // Where the partition stands: even an event without an effect would move it.
  std::string Position() const { return Get<Lead>(client_, lead_.name()).position(); }

  Outcome Send(const std::string& path, const std::string& bytes) const {
    std::string response;
    return client_.CallBytes(path, bytes, &response);
  }
  void ExpectInvalid(const Outcome& outcome, const std::string& field, const std::string& reason) {
    EXPECT_EQ(outcome.code, grpc::StatusCode::INVALID_ARGUMENT) << outcome;
    EXPECT_EQ(outcome.reason, reason) << outcome;
    EXPECT_THAT(outcome.faults, testing::ElementsAre(testing::Pair(field, reason))) << outcome;
  }

  static std::string TenantOfThisTest() {
    std::string tenant = "bad-";
    for (const char letter :
         std::string(testing::UnitTest::GetInstance()->current_test_info()->name()))
      tenant.push_back(static_cast<char>(std::tolower(letter)));
    return tenant;
  }

  const std::string tenant_ = TenantOfThisTest();
  const Client client_{Server::Shared(), tenant_};
  Lead lead_;
  Note note_;
  std::map<std::string, std::string> before_;
  std::string position_;
};

}  // namespace crm::test
