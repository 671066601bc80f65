#include "services/sales/sales.h"

#include "services/activity/activity.h"
#include "services/sales/account.h"
#include "services/sales/contact.h"
#include "services/sales/currency.h"
#include "services/sales/duplicate_rule.h"
#include "services/sales/lead.h"
#include "services/sales/lead_from_email.h"
#include "services/sales/opportunity.h"
#include "services/sales/qualify_lead.h"

namespace crm::sales {

void RegisterSales(shard::Behaviours& behaviours) {
  activity::RegisterActivities(behaviours);
  behaviours.Derive("accounts", DeriveAccount);
  behaviours.Derive("contacts", DeriveContact);
  behaviours.Derive("currencies", DeriveCurrency);
  behaviours.Derive("duplicate_rules", DeriveDuplicateRule);
  behaviours.Derive("leads", DeriveLead);
  behaviours.Derive("opportunities", DeriveOpportunity);
  behaviours.Bind("/crm.sales.v1.Accounts/ReparentAccount", ReparentAccount);
  behaviours.Bind("/crm.sales.v1.Contacts/ReparentContact", ReparentContact);
  behaviours.Bind("/crm.sales.v1.Leads/CreateLeadFromEmail", CreateLeadFromEmail);
  behaviours.Bind("/crm.sales.v1.Leads/DisqualifyLead", DisqualifyLead);
  behaviours.Bind("/crm.sales.v1.Leads/QualifyLead", QualifyLead);
  behaviours.Bind("/crm.sales.v1.Leads/ReactivateLead", ReactivateLead);
  behaviours.Bind("/crm.sales.v1.Leads/ReparentLead", ReparentLead);
  behaviours.Bind("/crm.sales.v1.Accounts/MergeAccounts", MergeAccounts);
  behaviours.Bind("/crm.sales.v1.Accounts/UnmergeAccount", UnmergeAccount);
  behaviours.Bind("/crm.sales.v1.Contacts/MergeContacts", MergeContacts);
  behaviours.Bind("/crm.sales.v1.Contacts/UnmergeContact", UnmergeContact);
  behaviours.Bind("/crm.sales.v1.Leads/MergeLeads", MergeLeads);
  behaviours.Bind("/crm.sales.v1.Leads/UnmergeLead", UnmergeLead);
  behaviours.Bind("/crm.sales.v1.Opportunities/ChangeOpportunityStage", ChangeOpportunityStage);
  behaviours.Bind("/crm.sales.v1.Opportunities/LoseOpportunity", LoseOpportunity);
  behaviours.Bind("/crm.sales.v1.Opportunities/ReopenOpportunity", ReopenOpportunity);
  behaviours.Bind("/crm.sales.v1.Opportunities/WinOpportunity", WinOpportunity);
}

}  // namespace crm::sales
