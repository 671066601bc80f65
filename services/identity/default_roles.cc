#include "services/identity/default_roles.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string_view>

namespace crm::identity {
namespace {

// Depths of Create, Read, Write, Delete, Append, AppendTo, Assign and Share, from 0 (none) over
// 1 (user), 2 (unit) and 3 (unit and below) to 4 (organization). Rights on what belongs to the
// organization are for all or none, whatever the line says between.
struct Line {
  std::string_view collections;  // separated by spaces
  std::string_view depths;
};

struct Seed {
  const char* key;
  const char* title;
  std::initializer_list<Line> lines;
  std::initializer_list<const char*> miscellaneous;
};

constexpr std::string_view kActivities =
    "tasks phone_calls emails letters faxes appointments notes posts follows connections";
constexpr std::string_view kReference =
    "currencies connection_roles products competitors attribute_maps duplicate_rules "
    "status_transitions business_units users teams positions security_roles "
    "access_team_templates licences tenants";
constexpr std::string_view kSetUp =
    "attribute_maps duplicate_rules status_transitions connection_roles field_security_profiles "
    "access_team_templates";
constexpr std::string_view kPeople =
    "business_units users teams positions security_roles field_security_profiles "
    "access_team_templates licences";
constexpr std::string_view kSalesRecords = "leads opportunities opportunity_closes";
constexpr std::string_view kCustomers = "accounts contacts";

// What everybody reads who works with the system, and may refer to.
constexpr Line kEverybody = {kReference, "04000400"};

const std::array kSeeds = {
    Seed{"system_customizer",
         "System Customizer",
         {kEverybody,
          {kSetUp, "44444444"},
          {kCustomers, "11111111"},
          {kSalesRecords, "11111111"},
          {kActivities, "11111111"}},
         {"PUBLISH_CUSTOMIZATIONS"}},
    Seed{"ceo_business_manager",
         "CEO-Business Manager",
         {kEverybody,
          {kCustomers, "44444444"},
          {kSalesRecords, "44444444"},
          {kActivities, "44444444"},
          {"products competitors currencies", "44444400"}},
         {"BULK_DELETE", "BULK_EDIT", "EXPORT_TO_EXCEL", "MERGE", "CONVERT_LEAD", "VIEW_AUDIT"}},
    Seed{"vice_president_of_sales",
         "Vice President of Sales",
         {kEverybody,
          {kCustomers, "34333333"},
          {kSalesRecords, "34333333"},
          {kActivities, "34333333"},
          {"products competitors", "44444400"}},
         {"BULK_DELETE", "BULK_EDIT", "EXPORT_TO_EXCEL", "MERGE", "CONVERT_LEAD"}},
    Seed{"sales_manager",
         "Sales Manager",
         {kEverybody,
          {kCustomers, "34333333"},
          {kSalesRecords, "33333333"},
          {kActivities, "33333333"},
          {"products competitors", "44444400"}},
         {"BULK_EDIT", "EXPORT_TO_EXCEL", "MERGE", "CONVERT_LEAD"}},
    Seed{"salesperson",
         "Salesperson",
         {kEverybody,
          {kCustomers, "14101411"},
          {kSalesRecords, "12101111"},
          {kActivities, "12111111"}},
         {"EXPORT_TO_EXCEL", "MERGE", "CONVERT_LEAD"}},
    Seed{"vice_president_of_marketing",
         "Vice President of Marketing",
         {kEverybody,
          {kCustomers, "34333433"},
          {"leads campaigns marketing_lists", "34333333"},
          {kActivities, "33333333"}},
         {"BULK_DELETE", "BULK_EDIT", "EXPORT_TO_EXCEL", "MERGE", "CREATE_QUICK_CAMPAIGN"}},
    Seed{"marketing_manager",
         "Marketing Manager",
         {kEverybody,
          {kCustomers, "34333433"},
          {"leads campaigns marketing_lists", "33333333"},
          {kActivities, "33333333"}},
         {"BULK_EDIT", "EXPORT_TO_EXCEL", "MERGE", "CREATE_QUICK_CAMPAIGN"}},
    Seed{"marketing_professional",
         "Marketing Professional",
         {kEverybody,
          {kCustomers, "14101411"},
          {"leads campaigns marketing_lists", "12101111"},
          {kActivities, "12111111"}},
         {"EXPORT_TO_EXCEL", "CREATE_QUICK_CAMPAIGN"}},
    Seed{"csr_manager",
         "CSR Manager",
         {kEverybody,
          {kCustomers, "34303433"},
          {"cases entitlements queues slas", "33333333"},
          {kActivities, "33333333"}},
         {"BULK_EDIT", "EXPORT_TO_EXCEL", "MERGE"}},
    Seed{"customer_service_representative",
         "Customer Service Representative",
         {kEverybody,
          {kCustomers, "14101411"},
          {"cases", "12202222"},
          {"entitlements queues slas", "04000400"},
          {kActivities, "12111111"}},
         {}},
    Seed{"schedule_manager",
         "Schedule Manager",
         {kEverybody,
          {kCustomers, "04000400"},
          {"service_activities services", "33333333"},
          {kActivities, "33333333"}},
         {"SEARCH_AVAILABILITY", "BROWSE_AVAILABILITY"}},
    Seed{"scheduler",
         "Scheduler",
         {kEverybody,
          {kCustomers, "04000400"},
          {"service_activities", "22222222"},
          {"services", "04000400"},
          {kActivities, "12111111"}},
         {"SEARCH_AVAILABILITY", "BROWSE_AVAILABILITY"}},
    Seed{"delegate", "Delegate", {kEverybody}, {"ACT_ON_BEHALF"}},
    Seed{"security_administrator",
         "Security Administrator",
         {kEverybody, {kPeople, "44444444"}},
         {"ENABLE_DISABLE_USER", "ENABLE_DISABLE_UNIT", "REPARENT_UNIT", "REPARENT_USER",
          "ASSIGN_MANAGER", "ASSIGN_POSITION"}},
};

using SetDepth = void (v1::SecurityRole::Privilege::*)(v1::SecurityRole::Depth);
constexpr SetDepth kSetDepth[] = {
    &v1::SecurityRole::Privilege::set_create, &v1::SecurityRole::Privilege::set_read,
    &v1::SecurityRole::Privilege::set_write,  &v1::SecurityRole::Privilege::set_delete_,
    &v1::SecurityRole::Privilege::set_append, &v1::SecurityRole::Privilege::set_append_to,
    &v1::SecurityRole::Privilege::set_assign, &v1::SecurityRole::Privilege::set_share};

// A later line says it anew for its types.
void AddLine(const Line& line, const record::Catalogue& catalogue, v1::SecurityRole* role) {
  for (std::string_view rest = line.collections; !rest.empty();) {
    const size_t end = std::min(rest.find(' '), rest.size());
    const std::string collection(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const record::RecordType* type = catalogue.FindType(collection);
    if (type == nullptr) continue;
    auto& privileges = *role->mutable_privileges();
    auto at = std::find_if(privileges.begin(), privileges.end(), [&](const auto& privilege) {
      return privilege.collection() == collection;
    });
    auto* privilege = at == privileges.end() ? privileges.Add() : &*at;
    privilege->set_collection(collection);
    const bool everybodys = type->annotation.ownership() == record::v1::Record::ORGANIZATION;
    for (size_t right = 0; right < std::size(kSetDepth); ++right) {
      const int depth = line.depths[right] - '0';
      const int allowed = everybodys && depth != 4 ? 0 : depth;
      // Taken out first: GCC 12's bounds check reads an index it has not computed when the pointer
      // to member is called straight from the array.
      const SetDepth set = kSetDepth[right];
      (privilege->*set)(static_cast<v1::SecurityRole::Depth>(allowed));
    }
  }
}

}  // namespace

std::vector<v1::SecurityRole> DefaultRoles(const record::Catalogue& catalogue) {
  std::vector<v1::SecurityRole> roles;
  v1::SecurityRole& administrator = roles.emplace_back();
  administrator.set_display_name("System Administrator");
  administrator.set_seed("system_administrator");
  administrator.set_administrator(true);
  for (const Seed& seed : kSeeds) {
    v1::SecurityRole& role = roles.emplace_back();
    role.set_display_name(seed.title);
    role.set_seed(seed.key);
    for (const Line& line : seed.lines) AddLine(line, catalogue, &role);
    for (const char* privilege : seed.miscellaneous) role.add_miscellaneous(privilege);
  }
  return roles;
}

}  // namespace crm::identity
