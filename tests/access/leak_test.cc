#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "tests/access/lured_request.h"

// Every method that the server says it has is called by everybody who may not see an
// organization's records, with names, page tokens, etags, filters, positions and watches' positions
// of theirs. No answer has anything of them that the request did not have.
namespace crm::test {
namespace {

using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

struct Seen {
  Outcome outcome;
  std::string bytes;
};

Seen Call(const Client& client, const MethodDescriptor* method, const Message& request) {
  Seen seen;
  const std::string path = "/" + method->service()->full_name() + "/" + method->name();
  if (!method->server_streaming()) {
    seen.outcome = client.CallBytes(path, request.SerializeAsString(), &seen.bytes);
    return seen;
  }
  Record until_now = Schema::Shared().New(method->input_type());
  until_now->CopyFrom(request);
  Message* watch = until_now.get();
  // That of records of any type has the watch in it.
  if (const auto* field = method->input_type()->FindFieldByName("watch"))
    watch = watch->GetReflection()->MutableMessage(watch, field);
  for (const char* name : {"until_now", "initial_state"}) {
    if (const auto* field = watch->GetDescriptor()->FindFieldByName(name))
      watch->GetReflection()->SetBool(watch, field, true);
  }
  auto stream = client.Open(path, *until_now);
  Record change = Schema::Shared().New(method->output_type());
  while (stream->Next(change.get())) seen.bytes += change->SerializeAsString();
  seen.outcome = stream->Finish();
  return seen;
}

std::string TextOf(const Seen& seen) {
  std::string text = seen.bytes + seen.outcome.message + seen.outcome.reason;
  for (const auto& [key, value] : seen.outcome.facts) text += '\n' + key + value;
  for (const auto& [key, value] : seen.outcome.faults) text += '\n' + key + value;
  for (const auto& [key, value] : seen.outcome.initial) text += '\n' + key + value;
  for (const auto& [key, value] : seen.outcome.trailing) text += '\n' + key + value;
  return text;
}

constexpr int kTotalSize = 3;

bool IsList(const MethodDescriptor& method) {
  return method.input_type()->name() == "ListRequest" ||
         method.input_type()->name() == "ListRecordsRequest";
}

// Calls `check` with each method and what it answered to each lure.
template <class Check>
void CallEverything(const Victim& victim, const Client& client, const Check& check) {
  int calls = 0;
  // Not yet asked with: one that was may be in an answer, for records are created with it.
  std::set<std::string> unheard = victim.ids();
  for (const auto* service : Schema::Shared().services()) {
    const std::string one = service->options().GetExtension(record::v1::serves);
    std::string collection = "accounts";
    for (const RecordType& type : Schema::Shared().types()) {
      if (type.service == service) collection = type.collection;
    }
    for (int i = 0; i < service->method_count(); ++i) {
      for (const Lure lure : kLures) {
        const Record request = LuredRequest(victim, lure, collection).For(service->method(i));
        const std::string asked = request->SerializeAsString();
        std::erase_if(unheard,
                      [&](const std::string& id) { return asked.find(id) != std::string::npos; });
        const Seen seen = Call(client, service->method(i), *request);
        SCOPED_TRACE(service->method(i)->full_name() + " of " + collection);
        const std::string text = TextOf(seen);
        EXPECT_EQ(text.find(kCanary), std::string::npos) << seen.outcome;
        for (const std::string& id : unheard) {
          EXPECT_EQ(text.find(id), std::string::npos) << id << ' ' << seen.outcome;
        }
        if (IsList(*service->method(i)) && seen.outcome.ok() && lure == Lure::kFilters) {
          EXPECT_EQ(Fields(seen.bytes).Integer(kTotalSize), 0) << "records of others were counted";
        }
        check(*service->method(i), seen.outcome);
        ++calls;
      }
    }
  }
  EXPECT_GT(calls, 2'000);
}

bool IsAboutTheServer(const MethodDescriptor& method) {
  return method.service()->full_name() == "crm.record.v1.Descriptors";
}

TEST(Leak, NothingOfAnotherOrganizationIsInAnyAnswer) {
  Victim victim("leak-one");
  Organization other("leak-other");
  const auto before = victim.Hashes();
  CallEverything(victim, other.administrator(), [](const MethodDescriptor&, const Outcome&) {});
  EXPECT_EQ(victim.Hashes(), before);
}

TEST(Leak, WhoHasNoRoleNoSeatOrIsDisabledGetsNothing) {
  Victim victim("leak-within");
  Organization& organization = victim.organization();
  const std::string all = organization.RoleWithEverything();
  const Client no_role = organization.Signed("no-role", organization.root(), {});
  const Client no_seat = organization.Signed("no-seat", organization.root(), {all});
  ASSERT_TRUE(organization.ReleaseSeat("no-seat").ok());
  const Client disabled = organization.Signed("disabled", organization.root(), {all});
  ASSERT_TRUE(organization.Disable("disabled").ok());
  const Client unknown(Server::Shared(), victim.tenant(), "nobody-knows");
  const auto before = victim.Hashes();
  const auto refused = [&](const Client& client, int code, const std::string& reason) {
    CallEverything(victim, client, [&](const MethodDescriptor& method, const Outcome& outcome) {
      if (IsAboutTheServer(method)) return;
      EXPECT_EQ(outcome.code, code) << outcome;
      EXPECT_EQ(outcome.reason, reason) << outcome;
    });
  };
  refused(no_role, 7, "NO_ROLE");
  refused(no_seat, 7, "NO_SEAT");
  refused(disabled, 16, "USER_DISABLED");
  refused(unknown, 16, "UNKNOWN_USER");
  const Organization other("leak-stranger");
  refused(Client(Server::Shared(), victim.tenant(), other.User("admin").name()), 16,
          "UNKNOWN_USER");
  EXPECT_EQ(victim.Hashes(), before);
}

// Rights on its own records only, of which it has none.
TEST(Leak, WhoOwnsNothingSeesNothing) {
  Victim victim("leak-own");
  Organization& organization = victim.organization();
  std::vector<std::pair<std::string, std::string>> depths;
  for (const RecordType& type : Schema::Shared().types()) {
    if (type.options.ownership() == record::v1::Record::USER)
      depths.emplace_back(type.collection, "01111111");
  }
  const Client own =
      organization.Signed("own", organization.root(), {organization.RoleOf("own", depths)});
  const auto before = victim.Hashes();
  CallEverything(victim, own, [](const MethodDescriptor&, const Outcome&) {});
  EXPECT_EQ(victim.Hashes(), before);
}

}  // namespace
}  // namespace crm::test
