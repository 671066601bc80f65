#include "services/sales/lead_from_email.h"

#include "crm/activity/v1/email.pb.h"

namespace crm::sales {
namespace {

using activity::v1::Email;
using activity::v1::Party;
using shard::Refusal;
using v1::Lead;

const Party* SenderOf(const Email& email) {
  for (const Party& party : email.parties()) {
    const bool named = !party.address().empty() || !party.display_name().empty();
    if (party.participation() == Party::PARTICIPATION_SENDER && named) return &party;
  }
  return nullptr;
}

// At most so many characters.
std::string Beginning(const std::string& text, size_t most) {
  size_t end = 0;
  for (size_t seen = 0; end < text.size(); ++end) {
    const bool begins = (static_cast<unsigned char>(text[end]) & 0xC0) != 0x80;
    if (begins && ++seen > most) break;
  }
  return text.substr(0, end);
}

// Without blanks at its ends.
std::string Trimmed(const std::string& text) {
  const size_t first = text.find_first_not_of(" \t");
  return first == std::string::npos ? ""
                                    : text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

// `Ana Maria Pop` is Ana Maria and Pop; without a name, the address before the @ has to do.
void SetName(const Party& sender, Lead* lead) {
  constexpr size_t kMost = 50;
  std::string name = Trimmed(sender.display_name());
  if (name.empty()) name = Trimmed(sender.address().substr(0, sender.address().find('@')));
  const size_t space = name.rfind(' ');
  lead->set_last_name(Beginning(name.substr(space == std::string::npos ? 0 : space + 1), kMost));
  if (space != std::string::npos) lead->set_first_name(Beginning(name.substr(0, space), kMost));
}

}  // namespace

shard::Refusable<v1::CreateLeadFromEmailResponse> CreateLeadFromEmail(
    const v1::CreateLeadFromEmailRequest& request, shard::Transaction& tx) {
  auto email = tx.Get<Email>(request.name(), request.etag());
  if (!email) return email.refusal();
  const Party* sender = SenderOf(*email);
  if (sender == nullptr) return Refusal(v1::EMAIL_WITHOUT_SENDER);
  Lead lead;
  lead.set_name("leads/" + tx.NewId().Text());
  lead.set_subject(email->subject());
  lead.set_owner(request.owner());
  SetName(*sender, &lead);
  lead.set_email(sender->address());
  lead.set_lead_source(Lead::SOURCE_OTHER);
  if (auto refusal = tx.Put(lead, shard::Event::kCreated)) return *refusal;
  if (!request.keep_regarding()) {
    email->set_regarding(lead.name());
    if (auto refusal = tx.Put(*email, shard::Event::kReparented)) return *refusal;
  }
  v1::CreateLeadFromEmailResponse response;
  response.set_lead(lead.name());
  response.set_etag("1");
  return response;
}

}  // namespace crm::sales
