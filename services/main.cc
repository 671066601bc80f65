#include "libs/runtime/serve.h"
#include "services/identity/identity.h"
#include "services/sales/sales.h"

namespace {

// Who may do what is decided by every service, whether identity can be reached or not.
crm::store::Followed Identity() {
  crm::store::Followed identity{"identity", {}, {}, true};
  for (const char* collection :
       {"tenants", "business_units", "users", "teams", "positions", "security_roles",
        "field_security_profiles", "access_team_templates", "licences"}) {
    identity.replicas.push_back({collection, {"create_time"}});
  }
  return identity;
}

}  // namespace

// The only server program. Which of its services a process runs is a matter of `--services`.
int main(int argc, char** argv) {
  return crm::runtime::Main(
      argc, argv,
      {{"identity", crm::identity::RegisterIdentity}, {"sales", crm::sales::RegisterSales, {Identity()}}});
}
