#include <cstdlib>
#include <filesystem>

#include "crm/sales/v1/lead.pb.h"
#include "libs/runtime/serve.h"
#include "services/identity/identity.h"
#include "services/sales/sales.h"

// The server program with one reactor more than it is delivered with: a new lead is welcomed, in
// its job title. While the file that CRM_TEST_CLOSED names is there, those of one company are
// refused.
namespace crm::services {
namespace {

constexpr char kRefused[] = "Refused SRL";

std::optional<shard::Refusal> Welcome(const shard::SourceEvent& event, shard::Transaction& tx) {
  auto lead = tx.Get<sales::v1::Lead>(event.name);
  if (!lead) return std::nullopt;
  const char* closed = std::getenv("CRM_TEST_CLOSED");
  if (lead->company_name() == kRefused && closed != nullptr && std::filesystem::exists(closed)) {
    return shard::Refusal(record::MakeStatus(record::kFailedPrecondition, "CLOSED", "Not now."));
  }
  lead->set_job_title("Welcome, " + lead->last_name());
  return tx.Put(*lead);
}

void RegisterReacting(shard::Behaviours& behaviours) {
  sales::RegisterSales(behaviours);
  behaviours.React({"welcome", "sales", {"crm.sales.v1.lead.created"}, "lead.updated", Welcome});
}

}  // namespace
}  // namespace crm::services

int main(int argc, char** argv) {
  return crm::runtime::Main(
      argc, argv,
      {{"identity", crm::identity::RegisterIdentity}, {"sales", crm::services::RegisterReacting}});
}
