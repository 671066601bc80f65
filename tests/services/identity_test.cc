#include <gtest/gtest.h>

#include <algorithm>

#include "crm/identity/v1/tenant.pb.h"
#include "crm/sales/v1/account.pb.h"
#include "google/rpc/error_details.pb.h"
#include "libs/rpc/caller.h"
#include "libs/rpc/dispatcher.h"
#include "libs/rpc/relay.h"
#include "services/identity/identity.h"
#include "services/sales/sales.h"
#include "tests/services/calm.h"

// Sales runs where identity does not, and decides by what it has read of identity's log, as long as
// that is recent enough.
namespace crm::services {
namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr char kFound[] = "/crm.identity.v1.Tenants/FoundTenant";
constexpr char kList[] = "/crm.sales.v1.Accounts/ListAccounts";
constexpr char kDelete[] = "/crm.sales.v1.Accounts/DeleteAccount";
constexpr char kUndelete[] = "/crm.sales.v1.Accounts/UndeleteAccount";
constexpr char kMake[] = "/crm.sales.v1.Accounts/CreateAccount";

// A process that runs one service.
class Process final : public rpc::Host {
 public:
  Process(Node& node, const record::Clock& clock)
      : node_(node), dispatcher_(Options(), TheCatalogue(), *this, clock) {}
  rpc::Dispatcher& dispatcher() { return dispatcher_; }
  rpc::Place Find(std::string_view service, std::string_view) override {
    if (service != node_.options().service) return {};
    return {node_.options().service, 0, &node_.shard(), true};
  }
  std::vector<std::string> Services() const override { return {node_.options().service}; }

  static rpc::DispatcherOptions Options() {
    rpc::DispatcherOptions options;
    options.trust_metadata = true;
    options.token_key = "key";
    return options;
  }

 private:
  Node& node_;
  rpc::Dispatcher dispatcher_;
};

// A process that runs none of them, and passes on what is for sales.
class Front final : public rpc::Host, private rpc::Peers {
 public:
  Front(Process& sales, const record::Clock& clock)
      : sales_(sales),
        dispatcher_(Process::Options(), TheCatalogue(), *this, clock),
        relay_(dispatcher_, owners_, *this, clock, "front:7400") {
    owners_.Set("sales", 0, 1, "sales:7400");
  }
  rpc::Relay& relay() { return relay_; }
  rpc::Place Find(std::string_view service, std::string_view) override {
    if (service != "sales") return {};
    return {"sales", 0, nullptr, false};
  }
  std::vector<std::string> Services() const override { return {}; }

 private:
  std::function<void()> Unary(const std::string&, const rpc::Call& call,
                              std::function<void(rpc::Answer)> done) override {
    sales_.dispatcher().Unary(call, std::move(done));
    return [] {};
  }
  std::shared_ptr<rpc::Stream> Open(const std::string&, const rpc::Call& call) override {
    return sales_.dispatcher().Open(call);
  }

  Process& sales_;
  rpc::Dispatcher dispatcher_;
  rpc::Owners owners_;
  rpc::Relay relay_;
};

class FollowingIdentity : public testing::Test {
 protected:
  FollowingIdentity() : identity_(calm_.Add("identity")), sales_(calm_.Add("sales")) {
    identity::RegisterIdentity(identity_.behaviours);
    sales::RegisterSales(sales_.behaviours);
    sales_.Follow(identity::WhatOthersFollow());
    identity_.Start();
    EXPECT_TRUE(calm_.Until([&] { return identity_.shard().owning(); }));
    sales_process_ = std::make_unique<Process>(sales_, calm_.clock);
  }

  rpc::Answer Ask(Process& process, const std::string& path, const std::string& user,
                  const google::protobuf::Message& request, const std::string& position = "") {
    rpc::Call call;
    call.path = path;
    call.metadata = {{"crm-tenant", kTenant}, {"crm-user", user}};
    if (!position.empty()) call.metadata.push_back({"crm-min-position", position});
    call.request = request.SerializeAsString();
    call.loopback = true;
    std::optional<rpc::Answer> answer;
    process.dispatcher().Unary(std::move(call),
                               [&](rpc::Answer given) { answer = std::move(given); });
    EXPECT_TRUE(calm_.Until([&] { return answer.has_value(); }));
    return answer ? std::move(*answer) : rpc::Answer();
  }
  // Gives identity's position.
  std::string Found() {
    identity::v1::FoundTenantRequest request;
    request.set_display_name("Acme");
    request.set_sign_in_name("admin");
    request.set_last_name("Admin");
    const rpc::Answer answer = Ask(identity_process_, kFound, "admin", request);
    EXPECT_EQ(answer.status.code(), record::kOk) << answer.status.message();
    return std::string(rpc::Find(answer.initial, "crm-position"));
  }
  static std::string ReasonOf(const rpc::Answer& answer) { return record::ReasonOf(answer.status); }
  rpc::Answer List(const std::string& user, const std::string& position = "") {
    return Ask(*sales_process_, kList, user, record::v1::ListRequest(), position);
  }
  // What a watch says of the age when it begins, at a Dispatcher or a Relay.
  template <class Server>
  std::string AgeOfWatch(Server& server) {
    rpc::Call call;
    call.path = "/crm.sales.v1.Accounts/WatchAccounts";
    call.metadata = {{"crm-tenant", kTenant}, {"crm-user", "admin"}};
    call.loopback = true;
    std::optional<rpc::Metadata> initial;
    const auto watch = server.Open(std::move(call));
    watch->Initial([&](auto given) { initial = std::move(given); });
    return initial ? std::string(rpc::Find(*initial, "crm-identity-age")) : "not open";
  }
  rpc::Answer Make(const std::string& user) {
    sales::v1::CreateAccountRequest request;
    request.mutable_account()->set_display_name("Velo");
    return Ask(*sales_process_, kMake, user, request);
  }
  bool Ready() {
    return calm_.Until([&] { return sales_.shard().owning(); });
  }
  void PassUntil(int64_t boottime) {
    while (calm_.clock.Boottime() < boottime) calm_.Pass(100'000);
  }
  // From now on nothing of identity's log can be read; or it can again.
  void Cut(bool cut) {
    log::SimulatedFaults faults;
    if (cut) faults.unreachable = 1;
    calm_.LogOf("identity").set_faults(faults);
  }

  Calm calm_{7};
  Node& identity_;
  Node& sales_;
  Process identity_process_{identity_, calm_.clock};
  std::unique_ptr<Process> sales_process_;
};

TEST_F(FollowingIdentity, DecidesByWhatItHasRead) {
  Found();
  sales_.Start();
  ASSERT_TRUE(Ready());
  EXPECT_EQ(ReasonOf(List("stranger")), "UNKNOWN_USER");
  EXPECT_EQ(List("admin").status.code(), record::kOk);
  EXPECT_EQ(Make("admin").status.code(), record::kOk);
  EXPECT_EQ(ReasonOf(Make("stranger")), "UNKNOWN_USER");
}

TEST_F(FollowingIdentity, AdmitsNobodyBeforeItHasCaughtUp) {
  Found();
  Cut(true);
  sales_.Start();
  PassUntil(40 * kSecond);
  EXPECT_FALSE(sales_.shard().owning());
  for (const char* user : {"admin", "stranger"}) {
    const rpc::Answer refused = List(user);
    EXPECT_EQ(refused.status.code(), record::kUnavailable);
    EXPECT_EQ(ReasonOf(refused), "IDENTITY_TOO_OLD");
    EXPECT_TRUE(std::any_of(
        refused.status.details().begin(), refused.status.details().end(),
        [](const auto& detail) { return detail.template Is<google::rpc::RetryInfo>(); }));
  }
  Cut(false);
  ASSERT_TRUE(Ready());
  EXPECT_EQ(ReasonOf(List("stranger")), "UNKNOWN_USER");
  EXPECT_EQ(List("admin").status.code(), record::kOk);
}

TEST_F(FollowingIdentity, SaysHowOldItsKnowledgeIsAndRefusesInTheEnd) {
  Found();
  sales_.Start();
  ASSERT_TRUE(Ready());
  // Identity says nothing, and nothing is missing.
  PassUntil(400 * kSecond);
  EXPECT_EQ(rpc::Find(List("admin").initial, "crm-identity-age"), "");
  Cut(true);
  const int64_t since = calm_.clock.Boottime();
  const auto wait = [&](int64_t seconds) { PassUntil(since + seconds * kSecond); };
  wait(9);
  EXPECT_EQ(rpc::Find(List("admin").initial, "crm-identity-age"), "");
  Front front(*sales_process_, calm_.clock);
  EXPECT_EQ(AgeOfWatch(sales_process_->dispatcher()), "");
  EXPECT_EQ(AgeOfWatch(front.relay()), "");
  wait(20);
  const auto old = List("admin");
  EXPECT_EQ(old.status.code(), record::kOk);
  const std::string age(rpc::Find(old.initial, "crm-identity-age"));
  EXPECT_TRUE(age == "20" || age == "21") << age;
  EXPECT_EQ(AgeOfWatch(sales_process_->dispatcher()), age);
  EXPECT_EQ(AgeOfWatch(front.relay()), age);
  EXPECT_EQ(ReasonOf(List("stranger")), "UNKNOWN_USER");
  wait(310);
  for (const rpc::Answer& refused : {List("admin"), Make("admin"), List("stranger")}) {
    EXPECT_EQ(refused.status.code(), record::kUnavailable);
    EXPECT_EQ(ReasonOf(refused), "IDENTITY_TOO_OLD");
  }
  Cut(false);
  EXPECT_TRUE(calm_.Until([&] { return List("admin").status.code() == record::kOk; }));
  EXPECT_EQ(rpc::Find(List("admin").initial, "crm-identity-age"), "");
}

TEST_F(FollowingIdentity, WaitsForAPositionOfIdentity) {
  sales_.Start();
  ASSERT_TRUE(Ready());
  Cut(true);
  // To sales it is not founded yet.
  const std::string founded = Found();
  EXPECT_EQ(List("stranger").status.code(), record::kOk);
  EXPECT_EQ(ReasonOf(List("stranger", founded)), "POSITION_NOT_REACHED");
  Cut(false);
  EXPECT_EQ(ReasonOf(List("stranger", founded)), "UNKNOWN_USER");
}

// The copies are there to decide by. Whom records refer to is for identity to know: before it was
// founded, a tenant's records were owned by users who have no record at all.
TEST_F(FollowingIdentity, RecordsKeepReferencesToUsersWithoutRecords) {
  sales_.Start();
  ASSERT_TRUE(Ready());
  const rpc::Answer made = Make("ana@example.com");
  sales::v1::Account account;
  ASSERT_TRUE(account.ParseFromString(made.body)) << made.status.message();
  Found();
  record::v1::DeleteRequest deleted;
  deleted.set_name(account.name());
  ASSERT_TRUE(calm_.Until([&] { return ReasonOf(List("stranger")) == "UNKNOWN_USER"; }));
  ASSERT_EQ(Ask(*sales_process_, kDelete, "admin", deleted).status.code(), record::kOk);
  record::v1::NameRequest name;
  name.set_name(account.name());
  const rpc::Answer back = Ask(*sales_process_, kUndelete, "admin", name);
  ASSERT_EQ(back.status.code(), record::kOk) << back.status.message();
  sales::v1::Account again;
  ASSERT_TRUE(again.ParseFromString(back.body));
  EXPECT_EQ(again.owner(), account.owner());
  EXPECT_EQ(again.create_user(), account.create_user());
}

// What was on its disk, and what it can read again, is all that it needs.
TEST_F(FollowingIdentity, RemembersOverACrashWithoutIdentity) {
  Found();
  sales_.Start();
  ASSERT_TRUE(Ready());
  sales_.store().Flush();
  identity_.Crash();
  sales_.Crash();
  sales_process_ = std::make_unique<Process>(sales_, calm_.clock);
  sales_.Start();
  ASSERT_TRUE(Ready());
  EXPECT_EQ(ReasonOf(List("stranger")), "UNKNOWN_USER");
  EXPECT_EQ(List("admin").status.code(), record::kOk);
}

}  // namespace
}  // namespace crm::services
