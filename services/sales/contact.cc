#include "services/sales/contact.h"

#include "services/sales/full_name.h"
#include "services/sales/merge.h"
#include "services/sales/reparent.h"

namespace crm::sales {

using v1::Contact;

std::optional<shard::Refusal> DeriveContact(shard::Draft& draft, const shard::Transaction&) {
  draft.SetText(Contact::kFullNameFieldNumber,
                FullName({draft.Text(Contact::kFirstNameFieldNumber),
                          draft.Text(Contact::kMiddleNameFieldNumber),
                          draft.Text(Contact::kLastNameFieldNumber)}));
  return std::nullopt;
}

shard::Refusable<v1::ReparentContactResponse> ReparentContact(
    const v1::ReparentContactRequest& request, shard::Transaction& tx) {
  auto contact = tx.Get<Contact>(request.name(), request.etag());
  if (!contact) return contact.refusal();
  if (auto refusal = CheckEditable(*contact, tx)) return *refusal;
  v1::ReparentContactResponse response;
  response.set_previous_parent_customer(contact->parent_customer());
  contact->set_parent_customer(request.parent_customer());
  if (auto refusal = tx.Put(*contact)) return *refusal;
  response.set_name(contact->name());
  response.set_etag(tx.Get<Contact>(request.name())->etag());
  return response;
}

shard::Refusable<v1::MergeContactsResponse> MergeContacts(const v1::MergeContactsRequest& request,
                                                          shard::Transaction& tx) {
  return MergeRecords<v1::MergeContactsResponse, v1::Contact>(request, v1::Contact::STATE_INACTIVE,
                                                              v1::Contact::STATUS_INACTIVE, tx);
}

shard::Refusable<v1::UnmergeContactResponse> UnmergeContact(
    const v1::UnmergeContactRequest& request, shard::Transaction& tx) {
  return UnmergeRecord<v1::UnmergeContactResponse, v1::Contact>(request, v1::CONTACT_NOT_MERGED,
                                                                tx);
}

}  // namespace crm::sales
