#include "services/sales/sales.h"

#include "services/sales/lead.h"

namespace crm::sales {

void RegisterSales(shard::Behaviours& behaviours) {
  behaviours.Derive("leads", DeriveLead);
  behaviours.Bind("/crm.sales.v1.Leads/DisqualifyLead", DisqualifyLead);
  behaviours.Bind("/crm.sales.v1.Leads/ReactivateLead", ReactivateLead);
}

}  // namespace crm::sales
