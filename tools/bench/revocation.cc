#include <google/protobuf/empty.pb.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "crm/identity/v1/security_role.pb.h"
#include "crm/identity/v1/tenant.pb.h"
#include "crm/identity/v1/user.pb.h"
#include "crm/record/v1/methods.pb.h"
#include "crm/sales/v1/account.pb.h"
#include "google/rpc/error_details.pb.h"
#include "tools/bench/instance.h"
#include "tools/crmctl/connection.h"

// How long it takes until a role that is taken away in identity counts in sales: until a watch that
// is open there has ended. With --kafka-brokers the two are processes of their own on Kafka, else
// one.
namespace {

using Clock = std::chrono::steady_clock;
using crm::bench::Instance;
using crm::ctl::Connection;
namespace identity = crm::identity::v1;

constexpr char kTenant[] = "bench";
constexpr double kReadySeconds = 60;
constexpr auto kTimeout = std::chrono::seconds(30);

struct Settings {
  std::string crm;
  std::string brokers;
  std::string data = "/tmp/revocation-bench-" + std::to_string(getpid());
  int rounds = 100;
};

std::unique_ptr<Instance> Start(const Settings& settings, const std::string& services) {
  std::vector<std::string> flags;
  if (!settings.brokers.empty())
    flags = crm::bench::ClusterFlags(settings.brokers, "bench" + std::to_string(getpid()), 1);
  flags.push_back("--services=" + services);
  auto started = std::make_unique<Instance>(settings.crm, settings.data + "/" + services, flags);
  if (!started->AwaitReady(kReadySeconds)) throw std::runtime_error(services + " is not ready");
  return started;
}

std::unique_ptr<Connection> As(const std::string& user, const Instance& instance) {
  return std::make_unique<Connection>(
      instance.address(), crm::ctl::Headers{{"crm-tenant", kTenant}, {"crm-user", user}}, kTimeout);
}

template <class Response = google::protobuf::Empty, class Request>
Response Called(Connection& connection, const std::string& path, const Request& request,
                std::string* position = nullptr, const std::string& after = "") {
  std::string bytes;
  crm::ctl::Trailers trailers;
  const crm::ctl::Headers more =
      after.empty() ? crm::ctl::Headers{} : crm::ctl::Headers{{"crm-min-position", after}};
  const auto status = crm::ctl::SendWithRetries(
      [&] { return connection.Unary(path, request.SerializeAsString(), &bytes, &trailers, more); },
      [&](std::chrono::milliseconds pause) { connection.Pause(pause); }, 50);
  if (status.code() != 0) throw std::runtime_error(path + ": " + status.message());
  if (position != nullptr) {
    const auto found = trailers.initial.find("crm-position");
    *position = found == trailers.initial.end() ? "" : found->second;
  }
  Response response;
  response.ParseFromString(bytes);
  return response;
}

// An organization with a user who has a role on accounts, and another one that stays.
struct Organization {
  std::string user;
  std::string role;
};

std::string RoleOn(Connection& administrator, const std::string& collection) {
  identity::CreateSecurityRoleRequest request;
  request.mutable_security_role()->set_display_name(collection);
  auto& privilege = *request.mutable_security_role()->add_privileges();
  privilege.set_collection(collection);
  privilege.set_create(identity::SecurityRole::DEPTH_ORGANIZATION);
  privilege.set_read(identity::SecurityRole::DEPTH_ORGANIZATION);
  return Called<identity::SecurityRole>(
             administrator, "/crm.identity.v1.SecurityRoles/CreateSecurityRole", request)
      .name();
}

void GiveRole(Connection& administrator, const Organization& of, const std::string& role,
              std::string* position) {
  identity::AssignUserRolesRequest request;
  request.set_name(of.user);
  request.add_roles(role);
  Called(administrator, "/crm.identity.v1.Users/AssignUserRoles", request, position);
}

Organization Found(Connection& administrator) {
  identity::FoundTenantRequest founding;
  founding.set_display_name(kTenant);
  founding.set_sign_in_name("admin");
  founding.set_last_name("Admin");
  const auto founded = Called<identity::FoundTenantResponse>(
      administrator, "/crm.identity.v1.Tenants/FoundTenant", founding);
  identity::CreateUserRequest request;
  request.mutable_user()->set_sign_in_name("ana");
  request.mutable_user()->set_last_name("Ana");
  request.mutable_user()->set_business_unit(founded.business_unit());
  Organization made;
  made.user =
      Called<identity::User>(administrator, "/crm.identity.v1.Users/CreateUser", request).name();
  identity::AssignSeatRequest seat;
  seat.set_name(made.user);
  seat.set_module("sales");
  Called(administrator, "/crm.identity.v1.Users/AssignSeat", seat);
  std::string position;
  GiveRole(administrator, made, RoleOn(administrator, "leads"), &position);
  made.role = RoleOn(administrator, "accounts");
  return made;
}

struct Round {
  double since_answer_ms = 0;
  double since_call_ms = 0;
};

double Milliseconds(Clock::duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

Round Revoke(Connection& administrator, Connection& ana, const Organization& organization) {
  std::string granted;
  GiveRole(administrator, organization, organization.role, &granted);
  crm::sales::v1::CreateAccountRequest account;
  account.mutable_account()->set_display_name("Velo");
  Called(ana, "/crm.sales.v1.Accounts/CreateAccount", account, nullptr, granted);
  crm::record::v1::WatchRequest all;
  all.set_position("0");
  auto watch = ana.Open("/crm.sales.v1.Accounts/WatchAccounts", false);
  watch->Write(all.SerializeAsString());
  watch->WritesDone();
  std::string change;
  if (!watch->Read(&change)) throw std::runtime_error(watch->Finish().message());
  auto ended = std::async(std::launch::async, [&] {
    while (watch->Read(&change)) {
    }
    return Clock::now();
  });
  identity::RemoveUserRolesRequest revoked;
  revoked.set_name(organization.user);
  revoked.add_roles(organization.role);
  const auto called = Clock::now();
  Called(administrator, "/crm.identity.v1.Users/RemoveUserRoles", revoked);
  const auto answered = Clock::now();
  const auto end = ended.get();
  const auto status = watch->Finish();
  google::rpc::ErrorInfo info;
  if (status.details().empty() || !status.details(0).UnpackTo(&info) ||
      info.reason() != "RIGHTS_CHANGED")
    throw std::runtime_error("the watch ended otherwise: " + status.message());
  return {Milliseconds(end - answered), Milliseconds(end - called)};
}

void Print(const char* since, std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const auto at = [&](double part) {
    return values[static_cast<size_t>(part * static_cast<double>(values.size() - 1))];
  };
  std::printf("%-28s p50 %7.2f ms   p99 %7.2f ms   most %7.2f ms\n", since, at(0.5), at(0.99),
              values.back());
}

void Run(const Settings& settings) {
  const bool apart = !settings.brokers.empty();
  const auto first = Start(settings, apart ? "identity" : "all");
  const auto second = apart ? Start(settings, "sales") : nullptr;
  const auto administrator = As("admin", *first);
  const auto ana = As("ana", apart ? *second : *first);
  const Organization organization = Found(*administrator);
  std::vector<double> since_answer, since_call;
  for (int round = 0; round < settings.rounds; ++round) {
    const Round one = Revoke(*administrator, *ana, organization);
    since_answer.push_back(one.since_answer_ms);
    since_call.push_back(one.since_call_ms);
  }
  std::printf("%s, %d revocations, until a watch has ended:\n",
              apart ? "identity and sales apart on Kafka" : "one process", settings.rounds);
  Print("since the call", since_call);
  Print("since identity's answer", since_answer);
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  settings.crm = (std::filesystem::path(argv[0]).parent_path() / "crm").string();
  CLI::App app("Measures how soon a revoked role ends a watch.");
  app.add_option("--crm", settings.crm, "the server to measure")->capture_default_str();
  app.add_option("--kafka-brokers", settings.brokers,
                 "of a Kafka for trying out; none: one process");
  app.add_option("--rounds", settings.rounds, "revocations")->check(CLI::Range(1, 100'000));
  CLI11_PARSE(app, argc, argv);
  try {
    Run(settings);
  } catch (const std::exception& failed) {
    std::fprintf(stderr, "%s\n", failed.what());
    return 1;
  }
  return 0;
}
