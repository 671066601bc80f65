#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "crm/record/v1/verification.pb.h"
#include "google/protobuf/any.pb.h"
#include "tests/access/organization.h"
#include "tests/conformance/tested.h"

// Every method that the server says it has is called by everybody who may not see an
// organization's records, with names, page tokens and positions of theirs. No answer has anything
// of them that the request did not have.
namespace crm::test {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

constexpr char kCanary[] = "canary7f3a";

// An organization with two records of each type, whose texts all have the canary.
class Victim {
 public:
  explicit Victim(const std::string& tenant) : organization_(tenant), tenant_(tenant) {
    for (const RecordType& type : Schema::Shared().types()) Plant(type);
  }

  Organization& organization() { return organization_; }
  const Client& administrator() const { return organization_.administrator(); }
  const std::string& tenant() const { return tenant_; }

  std::string NameOf(const std::string& collection) const {
    auto found = names_.find(collection);
    return found == names_.end() ? "" : found->second.front();
  }
  const std::set<std::string>& ids() const { return ids_; }
  std::string PageToken(const std::string& collection) const {
    auto found = page_tokens_.find(collection);
    return found == page_tokens_.end() ? "" : found->second;
  }
  const std::string& position() const { return position_; }
  const std::string& request_id() const { return request_id_; }
  std::map<std::string, std::string> Hashes() const {
    const auto answer = administrator().Call<record::v1::VerifyResponse>(
        "/crm.record.v1.Verification/Verify", record::v1::VerifyRequest());
    EXPECT_TRUE(answer.ok()) << answer;
    return {answer.body.hashes().begin(), answer.body.hashes().end()};
  }

 private:
  void Plant(const RecordType& type) {
    // There is one tenant record, from the founding.
    if (type.collection == "tenants") return;
    Tested tested = Tested(Schema::Shared(), type, tenant_).With(administrator());
    tested.Use("business_units", organization_.root());
    for (int i = 0; i < 2; ++i) {
      Record record = tested.Minimal(7 + i);
      Sing(record.get());
      if (type.collection == "business_units")
        SetText(record.get(), "parent", organization_.root());
      Asked asked;
      asked.request_id = type.collection + std::to_string(i);
      const RecordAnswer made = tested.Create(*record, asked);
      ASSERT_TRUE(made.ok()) << type.collection << ": " << made;
      const std::string name = tested.Name(made.body);
      names_[type.collection].push_back(name);
      ids_.insert(name.substr(name.find('/') + 1));
      position_ = made.position();
    }
    record::v1::ListRequest request;
    request.set_page_size(1);
    page_tokens_[type.collection] = tested.List(request).next_page_token;
  }

  // Lets every text that can be anything say the canary.
  static void Sing(Message* record) {
    const auto* type = record->GetDescriptor();
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor* field = type->field(i);
      const record::v1::Field& limits = AnnotationOf(field);
      const bool free = field->cpp_type() == FieldDescriptor::CPPTYPE_STRING &&
                        !field->is_repeated() && IsSettable(field) && !limits.has_reference() &&
                        limits.format() == record::v1::TEXT &&
                        (limits.max_length() == 0 || limits.max_length() > 20);
      if (!free || field->name() == "color") continue;
      const std::string before = record->GetReflection()->GetString(*record, field);
      record->GetReflection()->SetString(record, field, kCanary + before.substr(0, 4));
    }
  }

  Organization organization_;
  const std::string tenant_;
  std::map<std::string, std::vector<std::string>> names_;  // by collection
  std::set<std::string> ids_;
  std::map<std::string, std::string> page_tokens_;
  std::string position_;
  std::string request_id_ = "accounts0";
};

// What the fields of a request are filled with.
enum class Lure { kNames, kPageTokens, kPositions };

class Request {
 public:
  Request(const Victim& victim, Lure lure, std::string collection)
      : victim_(victim), lure_(lure), collection_(std::move(collection)) {}

  Record For(const MethodDescriptor* method) const {
    Record request = Schema::Shared().New(method->input_type());
    FillAll(request.get(), 0);
    return request;
  }

 private:
  void FillAll(Message* message, int depth) const {
    const auto* type = message->GetDescriptor();
    if (type->full_name() == "google.protobuf.Any") return FillAny(message);
    if (type->full_name().starts_with("google.") || depth > 3) return;
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor* field = type->field(i);
      if (!field->is_map()) FillOne(message, field, depth);
    }
  }

  void FillOne(Message* message, const FieldDescriptor* field, int depth) const {
    const auto* reflection = message->GetReflection();
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING: {
        const std::string text = TextFor(field);
        if (text.empty()) return;
        if (field->is_repeated()) {
          reflection->AddString(message, field, text);
        } else {
          reflection->SetString(message, field, text);
        }
        return;
      }
      case FieldDescriptor::CPPTYPE_ENUM: {
        const int value = field->enum_type()->value(1)->number();
        if (field->is_repeated()) {
          reflection->AddEnumValue(message, field, value);
        } else {
          reflection->SetEnumValue(message, field, value);
        }
        return;
      }
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return FillAll(field->is_repeated() ? reflection->AddMessage(message, field)
                                            : reflection->MutableMessage(message, field),
                       depth + 1);
      default:
        return;
    }
  }

  std::string TextFor(const FieldDescriptor* field) const {
    const std::string& name = field->name();
    if (name == "page_token") return lure_ == Lure::kPageTokens ? Token() : "";
    if (name == "position" || name == "min_position")
      return lure_ == Lure::kPositions ? victim_.position() : "";
    if (name == "request_id") return lure_ == Lure::kPositions ? victim_.request_id() : "";
    if (name == "filter" || name == "order_by" || name == "view" || name == "etag" ||
        name == "status") {
      return "";
    }
    if (name == "name" || name == "names") return victim_.NameOf(collection_);
    if (name == "collection") return collection_;
    if (name == "user" || name == "owner" || name == "principal") return victim_.NameOf("users");
    if (name == "template") return victim_.NameOf("access_team_templates");
    if (name == "service") return "sales";
    if (name.ends_with("_id")) {
      const std::string record = victim_.NameOf(collection_);
      return record.substr(record.find('/') + 1);
    }
    for (const std::string& to : AnnotationOf(field).reference().to()) {
      const std::string record = victim_.NameOf(to == "*" ? "accounts" : to);
      if (!record.empty()) return record;
    }
    return IsOutputOnly(field) ? "" : "x";
  }
  std::string Token() const { return victim_.PageToken(collection_); }

  void FillAny(Message* message) const {
    const RecordType* type = Schema::Shared().Find(collection_);
    if (type == nullptr) return;
    Record record = type->New();
    record->GetReflection()->SetString(record.get(), type->message->FindFieldByName("name"),
                                       victim_.NameOf(collection_));
    google::protobuf::Any any;
    any.set_type_url("type.googleapis.com/" + type->message->full_name());
    any.set_value(record->SerializeAsString());
    ASSERT_TRUE(message->ParseFromString(any.SerializeAsString()));
  }

  const Victim& victim_;
  const Lure lure_;
  const std::string collection_;
};

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
  if (const auto* field = method->input_type()->FindFieldByName("until_now"))
    until_now->GetReflection()->SetBool(until_now.get(), field, true);
  if (const auto* field = method->input_type()->FindFieldByName("initial_state"))
    until_now->GetReflection()->SetBool(until_now.get(), field, true);
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

// Calls `check` with each method and what it answered to each lure.
template <class Check>
void CallEverything(const Victim& victim, const Client& client, const Check& check) {
  int calls = 0;
  std::string asked;  // what was ever asked with may be in an answer: records are created with it
  for (const auto* service : Schema::Shared().services()) {
    const std::string one = service->options().GetExtension(record::v1::serves);
    std::string collection = "accounts";
    for (const RecordType& type : Schema::Shared().types()) {
      if (type.service == service) collection = type.collection;
    }
    for (int i = 0; i < service->method_count(); ++i) {
      for (const Lure lure : {Lure::kNames, Lure::kPageTokens, Lure::kPositions}) {
        const Record request = Request(victim, lure, collection).For(service->method(i));
        asked += request->SerializeAsString();
        const Seen seen = Call(client, service->method(i), *request);
        SCOPED_TRACE(service->method(i)->full_name() + " of " + collection);
        const std::string text = TextOf(seen);
        EXPECT_EQ(text.find(kCanary), std::string::npos) << seen.outcome;
        for (const std::string& id : victim.ids()) {
          if (asked.find(id) != std::string::npos) continue;
          EXPECT_EQ(text.find(id), std::string::npos) << id << ' ' << seen.outcome;
        }
        check(*service->method(i), seen.outcome);
        ++calls;
      }
    }
  }
  EXPECT_GT(calls, 500);
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
