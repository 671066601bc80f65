#pragma once

#include <gtest/gtest.h>

#include "crm/activity/v1/appointment.pb.h"
#include "crm/activity/v1/connection.pb.h"
#include "crm/activity/v1/email.pb.h"
#include "crm/activity/v1/follow.pb.h"
#include "crm/activity/v1/phone_call.pb.h"
#include "crm/activity/v1/post.pb.h"
#include "crm/sales/v1/account.pb.h"
#include "crm/sales/v1/attribute_map.pb.h"
#include "crm/sales/v1/competitor.pb.h"
#include "crm/sales/v1/connection_role.pb.h"
#include "crm/sales/v1/contact.pb.h"
#include "crm/sales/v1/currency.pb.h"
#include "crm/sales/v1/customer_address.pb.h"
#include "crm/sales/v1/duplicate_rule.pb.h"
#include "crm/sales/v1/opportunity.pb.h"
#include "crm/sales/v1/opportunity_close.pb.h"
#include "crm/sales/v1/product.pb.h"
#include "crm/sales/v1/status_transition.pb.h"
#include "tests/server/records.h"

// The standard methods of the sales service's other record types.
namespace crm::test {

#define RECALL_METHODS(package, name, One, Many)                    \
  using package::One;                                               \
  template <>                                                       \
  struct Methods<One> {                                             \
    static constexpr char kService[] = "/crm." name "." #Many "/";  \
    static constexpr char kOne[] = #One;                            \
    static constexpr char kMany[] = #Many;                          \
    using CreateRequest = package::Create##One##Request;            \
    using UpdateRequest = package::Update##One##Request;            \
    using ListResponse = package::List##Many##Response;             \
    using BatchCreateRequest = package::BatchCreate##Many##Request; \
    using BatchUpdateRequest = package::BatchUpdate##Many##Request; \
    using BatchResponse = package::Batch##Many##Response;           \
    using Change = package::One##Change;                            \
  }

RECALL_METHODS(sales::v1, "sales.v1", Account, Accounts);
RECALL_METHODS(sales::v1, "sales.v1", AttributeMap, AttributeMaps);
RECALL_METHODS(sales::v1, "sales.v1", Competitor, Competitors);
RECALL_METHODS(sales::v1, "sales.v1", ConnectionRole, ConnectionRoles);
RECALL_METHODS(sales::v1, "sales.v1", Contact, Contacts);
RECALL_METHODS(sales::v1, "sales.v1", Currency, Currencies);
RECALL_METHODS(sales::v1, "sales.v1", CustomerAddress, CustomerAddresses);
RECALL_METHODS(sales::v1, "sales.v1", DuplicateRule, DuplicateRules);
RECALL_METHODS(sales::v1, "sales.v1", Opportunity, Opportunities);
RECALL_METHODS(sales::v1, "sales.v1", OpportunityClose, OpportunityCloses);
RECALL_METHODS(sales::v1, "sales.v1", Product, Products);
RECALL_METHODS(sales::v1, "sales.v1", StatusTransition, StatusTransitions);
RECALL_METHODS(activity::v1, "activity.v1", Appointment, Appointments);
RECALL_METHODS(activity::v1, "activity.v1", Connection, Connections);
RECALL_METHODS(activity::v1, "activity.v1", Email, Emails);
RECALL_METHODS(activity::v1, "activity.v1", Follow, Follows);
RECALL_METHODS(activity::v1, "activity.v1", PhoneCall, PhoneCalls);
RECALL_METHODS(activity::v1, "activity.v1", Post, Posts);
#undef RECALL_METHODS

// Creates what must be accepted, and gives it as it is.
template <class Record>
Record Made(const Client& client, const Record& record) {
  const auto answer = Create(client, record);
  EXPECT_TRUE(answer.ok()) << answer;
  return answer.body;
}

inline Account NewAccount(const std::string& name) {
  Account account;
  account.set_display_name(name);
  return account;
}
inline Contact NewContact(const std::string& first, const std::string& last) {
  Contact contact;
  contact.set_first_name(first);
  contact.set_last_name(last);
  return contact;
}
inline Opportunity NewOpportunity(const std::string& name, const std::string& customer) {
  Opportunity opportunity;
  opportunity.set_display_name(name);
  opportunity.set_customer(customer);
  return opportunity;
}
inline google::type::Money Amount(const std::string& currency, int64_t units, int nanos = 0) {
  google::type::Money money;
  money.set_currency_code(currency);
  money.set_units(units);
  money.set_nanos(nanos);
  return money;
}

}  // namespace crm::test
