#include "services/sales/qualify_lead.h"

#include <vector>

#include "crm/activity/v1/connection.pb.h"
#include "crm/sales/v1/account.pb.h"
#include "crm/sales/v1/connection_role.pb.h"
#include "crm/sales/v1/contact.pb.h"
#include "crm/sales/v1/currency.pb.h"
#include "crm/sales/v1/opportunity.pb.h"
#include "libs/record/fold.h"
#include "libs/shard/authorise.h"
#include "services/sales/attribute_map.h"
#include "services/sales/duplicates.h"

namespace crm::sales {
namespace {

using shard::Refusal;
using v1::Account;
using v1::Contact;
using v1::Lead;
using v1::Opportunity;

using Request = v1::QualifyLeadRequest;
using Response = v1::QualifyLeadResponse;

// One lead being qualified: everything is looked at before anything is written.
class Qualification {
 public:
  Qualification(const Request& request, Lead lead, shard::Transaction& tx)
      : request_(request), lead_(std::move(lead)), tx_(tx) {}

  shard::Refusable<Response> Run() {
    if (auto refusal = FindAccount()) return *refusal;
    if (auto refusal = FindContact()) return *refusal;
    if (auto refusal = FindOpportunity()) return *refusal;
    if (auto refusal = OfferDuplicates()) return *refusal;
    Link();
    if (auto refusal = Write()) return *refusal;
    return Answer();
  }

 private:
  // A record that the lead is to be joined with must be in use.
  template <class Record>
  std::optional<Refusal> Use(const std::string& name, const std::string& field, Record* record) {
    auto found = tx_.Get<Record>(name);
    if (!found) {
      return Refusal(
          record::InvalidArgument({{field, "BAD_REFERENCE", name + " does not exist."}}));
    }
    // Active or open: the first state of each of these types.
    if (static_cast<int>(found->state()) != 1)
      return Refusal(v1::LEAD_TARGET_INACTIVE).With("name", name);
    *record = std::move(*found);
    return std::nullopt;
  }

  std::optional<Refusal> FindAccount() {
    const std::string& known =
        request_.existing_account().empty() ? lead_.parent_account() : request_.existing_account();
    if (!known.empty()) {
      response_.set_account(known);
      return Use(known, "existing_account", &account_);
    }
    if (!request_.create_account()) return std::nullopt;
    if (lead_.company_name().empty()) return Refusal(v1::LEAD_WITHOUT_COMPANY, "company_name");
    CopyFields(MapFor("leads", "accounts", tx_), lead_, tx_.catalogue(), &account_);
    account_.set_name("accounts/" + tx_.NewId().Text());
    account_.set_originating_lead(lead_.name());
    account_.set_folded_name(record::Fold(account_.display_name()));
    response_.set_account(account_.name());
    response_.set_account_created(true);
    return std::nullopt;
  }

  std::optional<Refusal> FindContact() {
    const std::string& known =
        request_.existing_contact().empty() ? lead_.parent_contact() : request_.existing_contact();
    if (!known.empty()) {
      response_.set_contact(known);
      return Use(known, "existing_contact", &contact_);
    }
    if (!request_.create_contact()) return std::nullopt;
    CopyFields(MapFor("leads", "contacts", tx_), lead_, tx_.catalogue(), &contact_);
    contact_.set_name("contacts/" + tx_.NewId().Text());
    contact_.set_originating_lead(lead_.name());
    response_.set_contact(contact_.name());
    response_.set_contact_created(true);
    return std::nullopt;
  }

  std::string Currency() const {
    if (!request_.opportunity_currency().empty()) return request_.opportunity_currency();
    if (!lead_.currency().empty()) return lead_.currency();
    const auto currencies = tx_.FindBy<v1::Currency>("base", {"true"});
    return currencies.empty() ? "" : currencies.front().code();
  }

  std::optional<Refusal> FindOpportunity() {
    if (!request_.existing_opportunity().empty()) {
      response_.set_opportunity(request_.existing_opportunity());
      return Use(request_.existing_opportunity(), "existing_opportunity", &opportunity_);
    }
    if (!request_.create_opportunity()) return std::nullopt;
    CopyFields(MapFor("leads", "opportunities", tx_), lead_, tx_.catalogue(), &opportunity_);
    opportunity_.set_name("opportunities/" + tx_.NewId().Text());
    opportunity_.set_originating_lead(lead_.name());
    opportunity_.set_parent_account(response_.account());
    opportunity_.set_parent_contact(response_.contact());
    opportunity_.set_customer(!request_.opportunity_customer().empty()
                                  ? request_.opportunity_customer()
                              : response_.account().empty() ? response_.contact()
                                                            : response_.account());
    if (opportunity_.customer().empty()) return Refusal(v1::LEAD_WITHOUT_CUSTOMER);
    opportunity_.set_currency(Currency());
    if (opportunity_.currency().empty())
      return Refusal(v1::LEAD_WITHOUT_CURRENCY, "opportunity_currency");
    if (!request_.source_campaign().empty()) opportunity_.set_campaign(request_.source_campaign());
    response_.set_opportunity(opportunity_.name());
    response_.set_opportunity_created(true);
    return std::nullopt;
  }

  // What the lead had become before, then what the rules find.
  template <class Record>
  void Collect(const std::string& collection, const Record& candidate) {
    for (const Record& former : tx_.Referring<Record>("originating_lead", lead_.name())) {
      auto& found = *duplicates_.add_candidates();
      found.set_target(collection);
      found.set_name(former.name());
    }
    for (const auto& found : FindDuplicates(collection, candidate, tx_)) {
      const auto& known = duplicates_.candidates();
      const bool named = std::any_of(known.begin(), known.end(), [&](const auto& other) {
        return other.name() == found.name();
      });
      if (!named) *duplicates_.add_candidates() = found;
    }
  }

  // One that is closed is nothing to go on with.
  void CollectOpenDeals() {
    for (const Opportunity& former : tx_.Referring<Opportunity>("originating_lead", lead_.name())) {
      if (former.state() != Opportunity::STATE_OPEN) continue;
      auto& found = *duplicates_.add_candidates();
      found.set_target("opportunities");
      found.set_name(former.name());
      found.set_title(former.display_name());
    }
  }

  std::optional<Refusal> OfferDuplicates() {
    if (request_.suppress_duplicate_detection()) return std::nullopt;
    if (response_.opportunity_created()) CollectOpenDeals();
    if (response_.account_created()) Collect("accounts", account_);
    if (response_.contact_created()) Collect("contacts", contact_);
    if (duplicates_.candidates().empty()) return std::nullopt;
    // Of what the caller may not read it learns that it is there, and no name.
    for (auto& candidate : *duplicates_.mutable_candidates()) {
      if (!shard::MayReadNamed(candidate.name(), tx_)) candidate.clear_name();
    }
    Refusal refusal(v1::DUPLICATES_DETECTED);
    for (int i = 0; i < duplicates_.candidates_size(); ++i) {
      const auto& candidate = duplicates_.candidates(i);
      refusal.With("candidate" + std::to_string(i + 1), candidate.name());
    }
    return refusal.WithDetail(duplicates_);
  }

  void Link() {
    if (!response_.account().empty() && response_.contact_created())
      contact_.set_parent_customer(response_.account());
    if (!response_.contact().empty() && response_.account_created())
      account_.set_primary_contact(response_.contact());
    const std::string& parent = contact_.parent_customer();
    if (!response_.contact().empty() && !response_.account().empty() && !parent.empty() &&
        parent != response_.account()) {
      response_.add_warnings(response_.contact() + " stays with " + parent + ".");
    }
    lead_.set_parent_account(response_.account());
    lead_.set_parent_contact(response_.contact());
    lead_.set_qualifying_opportunity(response_.opportunity());
    lead_.set_state(Lead::STATE_QUALIFIED);
    lead_.set_status(Lead::STATUS_QUALIFIED);
  }

  // The role that says so; made where the organization has none yet.
  std::optional<Refusal> StakeholderRole(std::string* name) {
    const auto roles = tx_.FindBy<v1::ConnectionRole>("category", {"CATEGORY_STAKEHOLDER"});
    if (!roles.empty()) {
      *name = roles.front().name();
      return std::nullopt;
    }
    v1::ConnectionRole role;
    role.set_name("connection_roles/" + tx_.NewId().Text());
    role.set_display_name("Stakeholder");
    role.set_category(v1::ConnectionRole::CATEGORY_STAKEHOLDER);
    *name = role.name();
    return tx_.Put(role, shard::Event::kCreated);
  }

  std::optional<Refusal> AddStakeholder() {
    activity::v1::Connection connection;
    connection.set_record1(response_.opportunity());
    connection.set_record2(response_.contact());
    if (auto refusal = StakeholderRole(connection.mutable_role2())) return refusal;
    return tx_.Put(connection, shard::Event::kCreated);
  }

  std::optional<Refusal> Write() {
    if (response_.contact_created()) tx_.Announce(contact_.name());
    if (response_.account_created()) {
      if (auto refusal = tx_.Put(account_, shard::Event::kCreated)) return refusal;
    }
    if (response_.contact_created()) {
      if (auto refusal = tx_.Put(contact_, shard::Event::kCreated)) return refusal;
    }
    if (response_.opportunity_created()) {
      if (auto refusal = tx_.Put(opportunity_, shard::Event::kCreated)) return refusal;
    } else if (!response_.opportunity().empty() && !response_.contact().empty()) {
      if (auto refusal = AddStakeholder()) return refusal;
    }
    return tx_.Put(lead_);
  }

  Response Answer() {
    response_.set_name(lead_.name());
    response_.set_etag(tx_.Get<Lead>(lead_.name())->etag());
    return response_;
  }

  const Request& request_;
  Lead lead_;
  shard::Transaction& tx_;
  Account account_;
  Contact contact_;
  Opportunity opportunity_;
  Response response_;
  v1::DuplicatesDetected duplicates_;
};

}  // namespace

shard::Refusable<Response> QualifyLead(const Request& request, shard::Transaction& tx) {
  auto lead = tx.Get<Lead>(request.name(), request.etag());
  if (!lead) return lead.refusal();
  if (lead->state() == Lead::STATE_QUALIFIED) {
    Refusal refusal = tx.About(Refusal(v1::LEAD_ALREADY_QUALIFIED), *lead);
    return refusal.With("account", lead->parent_account())
        .With("contact", lead->parent_contact())
        .With("opportunity", lead->qualifying_opportunity());
  }
  if (lead->state() == Lead::STATE_DISQUALIFIED)
    return tx.About(Refusal(v1::LEAD_ALREADY_DISQUALIFIED), *lead);
  return Qualification(request, std::move(*lead), tx).Run();
}

}  // namespace crm::sales
