#include "tools/bench/access.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <mutex>
#include <random>

#include "crm/identity/v1/security_role.pb.h"
#include "crm/record/v1/methods.pb.h"
#include "crm/sales/v1/lead.pb.h"
#include "tools/bench/load.h"
#include "tools/bench/organization.h"
#include "tools/bench/requests.h"

namespace crm::bench {
namespace {

constexpr char kLeads[] = "/crm.sales.v1.Leads/";
constexpr int kOwnLeads = 2'000;  // of each caller, for gets and updates

struct Cost {
  std::vector<double> server_us;
  std::vector<double> p50_us;
};

class AccessBench {
 public:
  AccessBench(const std::shared_ptr<grpc::Channel>& crm, const Child& server,
              const AccessSettings& settings)
      : crm_(crm), server_(server), settings_(settings), organization_(crm), open_(crm, "open") {}

  bool Run() {
    return organization_.Found() && MeasureCalls() && Fill() && MeasureLists() && MeasureMove();
  }

 private:
  bool Measure(const std::string& tenant, const std::string& user, const std::string& path,
               const std::function<std::string()>& next, Cost* cost) {
    Load load{kLeads + path,
              [&] { return BufferOf(next()); },
              {{"crm-tenant", tenant}, {"crm-user", user}},
              1,
              settings_.seconds};
    const double cpu = server_.CpuSeconds();
    const Measured measured = bench::Run(crm_, load);
    if (measured.failed > 0) {
      std::fprintf(stderr, "%s: %s\n", path.c_str(), measured.first_failure.c_str());
      return false;
    }
    cost->server_us.push_back((server_.CpuSeconds() - cpu) * 1e6 /
                              static_cast<double>(measured.calls));
    cost->p50_us.push_back(measured.p50_us);
    return true;
  }

  // Leads of their own, for a caller.
  bool Own(const Tenant& tenant, const std::string& user, std::vector<std::string>* names) {
    for (int made = 0; made < kOwnLeads; made += kBatch) {
      sales::v1::BatchCreateLeadsRequest request;
      for (int i = 0; i < kBatch; ++i)
        request.add_requests()->ParseFromString(CreateLeadBytes(made + i));
      for (auto& one : *request.mutable_requests()) one.clear_request_id();
      sales::v1::BatchLeadsResponse response;
      if (!tenant.Call(user, std::string(kLeads) + "BatchCreateLeads", request, &response))
        return false;
      for (const auto& lead : response.leads()) names->push_back(lead.name());
    }
    return true;
  }

  // The same calls in turn, with rights to decide about and without.
  bool MeasureCalls() {
    std::vector<std::string> open_names, names;
    if (!Own(open_, "open@example.com", &open_names)) return false;
    Cost get[2], update[2];
    for (int round = 0; round <= settings_.rounds; ++round) {
      const std::string user = organization_.Caller(round);
      names.clear();
      if (!Own(organization_.tenant(), user, &names)) return false;
      Cost warm;
      for (int with : {0, 1}) {
        const std::string tenant = with == 1 ? organization_.tenant().name() : "open";
        const std::string who = with == 1 ? user : "open@example.com";
        const auto& all = with == 1 ? names : open_names;
        const auto any = [&] { return all[static_cast<size_t>(next_++) * 7919 % all.size()]; };
        const auto get_one = [&] { return GetLeadBytes(any()); };
        const auto update_one = [&] { return UpdateLeadBytes(any(), next_++); };
        if (!Measure(tenant, who, "GetLead", get_one, round == 0 ? &warm : &get[with]) ||
            !Measure(tenant, who, "UpdateLead", update_one, round == 0 ? &warm : &update[with])) {
          return false;
        }
      }
    }
    PrintShare("GetLead", get[0], get[1]);
    PrintShare("UpdateLead", update[0], update[1]);
    return true;
  }

  static void PrintShare(const char* call, const Cost& without, const Cost& with) {
    const double before = Median(without.server_us), after = Median(with.server_us);
    std::printf("%-12s server cpu %7.1f us without rights, %7.1f us with them: %5.1f %%\n", call,
                before, after, (after - before) / after * 100);
  }

  // A thousandth of the leads is one user's, a tenth another's, and the rest everybody's.
  bool Fill() {
    const auto begin = std::chrono::steady_clock::now();
    std::mt19937_64 random(1);
    std::atomic<int> failed{0};
    for (int made = 0; made < settings_.records; made += kBatch) {
      sales::v1::BatchCreateLeadsRequest request;
      for (int i = made; i < made + kBatch; ++i) {
        auto& lead = *request.add_requests()->mutable_lead();
        lead.set_subject("Request " + std::to_string(i));
        lead.set_last_name("Ionescu " + std::to_string(random() % 100'000));
        lead.set_company_name("Construct " + std::to_string(random() % 50'000));
        lead.set_owner(i % 1000 == 500 ? organization_.User(kFew)
                       : i % 10 == 3   ? organization_.User(kMover)
                                       : organization_.SomeOwner(random()));
      }
      sales::v1::BatchLeadsResponse response;
      if (!organization_.tenant().Call("admin", std::string(kLeads) + "BatchCreateLeads", request,
                                       &response)) {
        return false;
      }
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    std::printf("%d leads were created in %.0f s\n", settings_.records, took.count());
    return true;
  }

  bool MeasureLists() {
    struct Question {
      const char* what;
      const char* filter;
      const char* order;
    };
    for (const Question& question :
         {Question{"newest first", "", ""},
          {"open ones by status", "state = STATE_OPEN AND status = STATUS_NEW", ""},
          {"by company", "", "company_name"}}) {
      record::v1::ListRequest request;
      request.set_filter(question.filter);
      request.set_order_by(question.order);
      const std::string bytes = request.SerializeAsString();
      std::map<std::string, Cost> costs;
      for (int round = 0; round < settings_.rounds; ++round) {
        for (const std::string& user :
             {std::string(kAll), std::string(kFew), std::string(kUnit), std::string(kUnits)}) {
          if (!Measure(
                  organization_.tenant().name(), user, "ListLeads", [&] { return bytes; },
                  &costs[user])) {
            return false;
          }
        }
      }
      for (const auto& [user, cost] : costs) {
        std::printf("list %-20s as %-6s p50 %8.0f us, server cpu %8.0f us\n", question.what,
                    user.c_str(), Median(cost.p50_us), Median(cost.server_us));
      }
    }
    return true;
  }

  // The records go along at once: nothing is written for them.
  bool MeasureMove() {
    const double cpu = server_.CpuSeconds();
    const auto begin = std::chrono::steady_clock::now();
    if (!organization_.Move(kMover)) return false;
    const std::chrono::duration<double, std::milli> moved =
        std::chrono::steady_clock::now() - begin;
    record::v1::ListRequest request;
    request.set_page_size(1'000);
    sales::v1::ListLeadsResponse listed;
    if (!organization_.tenant().Call(kUnit, std::string(kLeads) + "ListLeads", request, &listed))
      return false;
    const std::chrono::duration<double, std::milli> seen = std::chrono::steady_clock::now() - begin;
    const auto theirs =
        std::count_if(listed.leads().begin(), listed.leads().end(),
                      [&](const auto& lead) { return lead.owner() == organization_.User(kMover); });
    std::printf(
        "moving a user who owns %d leads: %.1f ms, and seen by the unit after %.1f ms "
        "(%ld of %d on its first page), server cpu %.1f ms in all\n",
        settings_.records / 10, moved.count(), seen.count(), static_cast<long>(theirs),
        listed.leads_size(), (server_.CpuSeconds() - cpu) * 1e3);
    return theirs > 0;
  }

  const std::shared_ptr<grpc::Channel> crm_;
  const Child& server_;
  const AccessSettings settings_;
  Organization organization_;
  Tenant open_;
  std::atomic<int> next_{1};
};

}  // namespace

bool MeasureAccess(const std::shared_ptr<grpc::Channel>& crm, const Child& server,
                   const AccessSettings& settings) {
  return AccessBench(crm, server, settings).Run();
}

}  // namespace crm::bench
