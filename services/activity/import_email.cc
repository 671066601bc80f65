#include <algorithm>
#include <cctype>

#include "libs/record/check.h"
#include "libs/record/image.h"
#include "libs/record/key.h"
#include "libs/record/name.h"
#include "services/activity/email.h"

// Taking in an e-mail that exists elsewhere: who takes part in it, and what it is about.
namespace crm::activity {
namespace {

using v1::Email;
using v1::Party;

// Where people are looked for, best first.
constexpr std::string_view kPeople[] = {"contacts", "accounts", "leads"};

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return text;
}

// The first live record of the type with this address; empty: none.
std::string WithAddress(std::string_view collection, const std::string& address,
                        const shard::Transaction& tx) {
  const record::RecordType* type = tx.catalogue().FindType(collection);
  const record::Index* index = type == nullptr ? nullptr : type->FindIndex("email");
  if (index == nullptr) return "";
  for (const std::string& spelling : {address, Lower(address)}) {
    auto key = record::EncodeValue(*type->Find("email"), spelling);
    if (!key) continue;
    for (const record::Uuid& id : tx.FindByIndex(*type, *index, *key)) {
      auto image = tx.Find(*type, id);
      if (image && !image->empty()) return type->collection + "/" + id.Text();
    }
  }
  return "";
}

int ResolveParties(Email* email, const shard::Transaction& tx) {
  int resolved = 0;
  for (Party& party : *email->mutable_parties()) {
    for (std::string_view people : kPeople) {
      if (!party.record().empty() || party.address().empty()) break;
      party.set_record(WithAddress(people, party.address(), tx));
    }
    if (!party.record().empty()) ++resolved;
  }
  return resolved;
}

// The e-mail that this one answers, as far as it is known: by In-Reply-To, then by the references,
// newest first.
std::optional<Email> Answered(const Email& email, const shard::Transaction& tx) {
  std::vector<std::string> ids{email.in_reply_to()};
  ids.insert(ids.end(), email.references().rbegin(), email.references().rend());
  for (const std::string& id : ids) {
    if (id.empty()) continue;
    auto found = tx.FindBy<Email>("message_id", {id});
    if (!found.empty()) return found.front();
  }
  return std::nullopt;
}

std::string RegardingOf(const Email& email, const std::optional<Email>& answered) {
  if (answered && !answered->regarding().empty()) return answered->regarding();
  for (const Party& party : email.parties()) {
    const bool other = (party.participation() == Party::PARTICIPATION_SENDER) != email.outgoing();
    if (other && !party.record().empty()) return party.record();
  }
  return "";
}

v1::ImportEmailResponse Known(const Email& email) {
  v1::ImportEmailResponse response;
  response.set_name(email.name());
  response.set_etag(email.etag());
  response.set_regarding(email.regarding());
  response.set_known(true);
  return response;
}

}  // namespace

shard::Refusable<v1::ImportEmailResponse> ImportEmail(const v1::ImportEmailRequest& request,
                                                      shard::Transaction& tx) {
  Email email = request.email();
  if (!email.message_id().empty()) {
    auto known = tx.FindBy<Email>("message_id", {email.message_id()});
    if (!known.empty()) return Known(known.front());
  }
  v1::ImportEmailResponse response;
  response.set_resolved_parties(ResolveParties(&email, tx));
  const std::optional<Email> answered = Answered(email, tx);
  email.set_regarding(request.regarding().empty() ? RegardingOf(email, answered)
                                                  : request.regarding());
  email.set_conversation(answered ? answered->conversation() : email.message_id());
  email.set_name("emails/" + tx.NewId().Text());
  email.clear_etag();
  email.set_state(Email::STATE_COMPLETED);
  email.set_status(email.outgoing() ? Email::STATUS_SENT : Email::STATUS_RECEIVED);
  if (email.has_sent_time()) *email.mutable_actual_end_time() = email.sent_time();
  if (auto refusal = tx.Put(email)) return *refusal;
  response.set_name(email.name());
  response.set_etag("1");
  response.set_regarding(email.regarding());
  return response;
}

}  // namespace crm::activity
