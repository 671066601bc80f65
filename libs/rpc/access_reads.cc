#include "libs/rpc/access_reads.h"

#include "crm/record/v1/access.pb.h"
#include "libs/record/name.h"
#include "libs/rpc/sight.h"

namespace crm::rpc {
namespace {

using access::Party;
using access::Step;

constexpr int kMostUsers = 1'000;

Answer Failed(record::Status status) {
  Answer answer;
  answer.status = std::move(status);
  return answer;
}

std::string NameOf(const Party& party) {
  switch (party.kind) {
    case Party::Kind::kUser:
      return "users/" + party.id.Text();
    case Party::Kind::kTeam:
      return "teams/" + party.id.Text();
    case Party::Kind::kUnit:
      return "business_units/" + party.id.Text();
    case Party::Kind::kNobody:
      break;
  }
  return "";
}

std::string TextOf(const access::Derivation::Line& line) {
  switch (line.step) {
    case Step::kGate:
      return std::string(access::NameOf(line.gate));
    case Step::kAdministrator:
      return "A role of the user may do everything.";
    case Step::kType:
      return "No role of the user or of its teams has the right on records of the type; a share "
             "would not help.";
    case Step::kOwner:
      return std::string("The roles have the right as deep as ") +
             std::string(access::NameOf(line.depth)) +
             (line.decided ? ", which covers the record." : ", which does not cover the record.");
    case Step::kShare:
      return "The record is shared with the user or a team of it.";
    case Step::kInheritance:
      return "The user or a team of it owns a record above.";
    case Step::kHierarchy:
      return "The record is in reach of somebody " + std::to_string(line.distance) +
             " below the user.";
    case Step::kNothing:
      return "Nothing gives the right.";
  }
  return "";
}

void Fill(const access::Derivation& derivation, record::v1::ExplainAccessResponse* response) {
  for (const access::Derivation::Line& line : derivation.lines) {
    auto* step = response->add_steps();
    step->set_rule(std::string(access::NameOf(line.step)));
    step->set_decided(line.decided);
    step->set_text(TextOf(line));
    step->set_through(NameOf(line.through));
    for (const access::Id& role : line.roles) step->add_roles("security_roles/" + role.Text());
  }
}

// A record that the caller may ask about, and how it is looked at.
struct Question {
  std::optional<query::Moment> moment;
  Target target;
  std::string image;
  access::Right right{};
};

record::Status Ask(const ReadContext& context, const store::View& view, std::string_view name,
                   record::v1::Right right, Question* question) {
  auto violations = FaultsOf(context);
  auto target = ParseTarget(context.catalogue, nullptr, name, "name", &violations);
  if (!target || !violations.empty()) return record::InvalidArgument(violations);
  if (context.route.subject == nullptr) {
    return record::MakeStatus(record::kFailedPrecondition, "NOT_FOUNDED",
                              "The organization was not founded: everybody may do everything.");
  }
  question->target = *target;
  question->right = static_cast<access::Right>(static_cast<int>(right) - 1);
  if (auto tenant = view.Tenant(context.route.principal.tenant))
    question->moment.emplace(query::Moment::At(view, context.catalogue, *tenant));
  auto image = question->moment ? query::ReadRecord(*question->moment, *target->type, target->id)
                                : std::nullopt;
  if (!image || !MayReadImage(context.route, context.catalogue, view, question->moment->tenant,
                              *target->type, target->id, *image)) {
    return record::NotFound(name);
  }
  question->image = std::move(*image);
  return {};
}

Answer Answered(const ReadContext& context, const store::View& view, std::string body) {
  Answer answer;
  answer.body = std::move(body);
  answer.initial.push_back({"crm-position", PositionText(context.shard, view.applied() - 1)});
  return answer;
}

}  // namespace

Answer AnswerExplain(const ReadContext& context, const store::View& view) {
  record::v1::ExplainAccessRequest request;
  request.ParseFromString(context.route.request);
  Question question;
  record::Status status = Ask(context, view, request.name(), request.right(), &question);
  if (status.code() != record::kOk) return Failed(std::move(status));
  const access::Subject* about = context.route.subject;
  if (!request.user().empty()) {
    const record::RecordType* users = context.catalogue.FindType("users");
    auto name = record::Name::Parse(request.user());
    const auto user = name ? about->organization().FindUser(name->id)
                           : about->organization().FindUser(request.user());
    if (users == nullptr || user == access::Organization::kNone ||
        !access::MayAny(*about, access::Right::kRead, users->number)) {
      return Failed(record::NotFound(request.user()));
    }
    about = &about->organization().SubjectOf(user);
  }
  const query::MomentRecords records(*question.moment, context.catalogue);
  access::Derivation derivation;
  const access::Verdict verdict =
      access::Guard(about, records)
          .Decide(question.right, {question.target.type, question.target.id, question.image},
                  &derivation);
  record::v1::ExplainAccessResponse response;
  response.set_allowed(verdict.allowed);
  Fill(derivation, &response);
  return Answered(context, view, response.SerializeAsString());
}

Answer AnswerWhoCan(const ReadContext& context, const store::View& view) {
  record::v1::ListWhoCanRequest request;
  request.ParseFromString(context.route.request);
  Question question;
  record::Status status = Ask(context, view, request.name(), request.right(), &question);
  if (status.code() != record::kOk) return Failed(std::move(status));
  const access::Organization& organization = context.route.subject->organization();
  const query::MomentRecords records(*question.moment, context.catalogue);
  record::v1::ListWhoCanResponse response;
  for (size_t i = 0; i < organization.users().size(); ++i) {
    const access::Subject& subject =
        organization.SubjectOf(static_cast<access::Organization::Index>(i));
    if (!access::Guard(&subject, records)
             .May(question.right, {question.target.type, question.target.id, question.image})) {
      continue;
    }
    if (response.users_size() == kMostUsers) {
      response.set_truncated(true);
      break;
    }
    response.add_users("users/" + subject.id().Text());
  }
  return Answered(context, view, response.SerializeAsString());
}

}  // namespace crm::rpc
