#include <algorithm>
#include <map>

#include "libs/query/plan.h"
#include "libs/record/name.h"
#include "libs/record/wire.h"
#include "libs/rpc/question.h"
#include "libs/rpc/reading.h"
#include "libs/rpc/sight.h"

// Pages of records, of one type or of any.
namespace crm::rpc {
namespace {

using record::Violation;

// What to show for the records that these records refer to, as far as this service has them.
void AppendTitles(const ReadContext& context, const query::Moment& moment,
                  const record::RecordType& type, const std::vector<std::string>& images,
                  std::string* body) {
  std::map<std::string, std::string> titles;
  for (const std::string& image : images) {
    auto spans = record::Spans::Read(image);
    for (const record::Field& field : type.message->fields) {
      if (field.kind != record::Kind::kReference || field.repeated) continue;
      const std::string_view reference = spans->Text(field.number);
      auto name = record::Name::Parse(reference);
      const record::RecordType* to = name ? context.catalogue.FindType(name->collection) : nullptr;
      if (to == nullptr || to->title == nullptr || titles.contains(std::string(reference)))
        continue;
      auto referred = query::ReadRecord(moment, *to, name->id);
      if (!referred) continue;
      titles.emplace(reference, record::TextIn(*referred, to->title->number));
    }
  }
  for (const auto& [name, title] : titles) {
    std::string entry;
    record::AppendBytesField(1, name, &entry);
    record::AppendBytesField(2, title, &entry);
    record::AppendBytesField(5, entry, body);
  }
}

struct ListFields {
  std::string filter, order_by, token;
  size_t page_size = 0;
  bool total = false;
  bool permissions = false;
  const record::Span* read_time = nullptr;
  const record::Span* mask = nullptr;
};

ListFields ListFieldsOf(const record::Spans& spans, std::vector<Violation>* violations) {
  if (spans.Has(5)) violations->push_back({"view", "INVALID_VALUE", "view must be empty."});
  return {std::string(spans.Text(1)),
          std::string(spans.Text(2)),
          std::string(spans.Text(4)),
          PageSize(static_cast<int32_t>(spans.Integer(3)), violations),
          spans.Integer(9) != 0,
          spans.Integer(10) != 0,
          spans.Find(6),
          spans.Find(8)};
}

// With what is wrong with the request by its annotations, and by the names that the client uses.
std::vector<Violation> AllFaults(const ReadContext& context, std::vector<Violation> found) {
  auto violations = FaultsOf(context);
  for (Violation& violation : found) {
    violation.path = PathOf(context.route, violation.path);
    AddOnce(std::move(violation), &violations);
  }
  return violations;
}

// Fields that the caller may not read.
std::vector<uint32_t> HiddenFields(const ReadContext& context, const record::RecordType& type) {
  if (context.route.subject == nullptr) return {};
  return context.route.subject->HiddenFields(type.number);
}

// Whether the caller may list records of the type at all, by these fields.
record::Status CheckListedBy(const ReadContext& context, const record::RecordType& type,
                             const std::vector<query::Term>& terms,
                             const std::vector<query::OrderField>& order) {
  record::Status status = CheckListed(context.route, type);
  const access::Subject* subject = context.route.subject;
  if (subject == nullptr || status.code() != record::kOk) return status;
  std::vector<const record::Field*> used;
  for (const query::Term& term : terms) used.push_back(term.path.front());
  for (const query::OrderField& field : order) used.push_back(field.path.front());
  const auto hidden = HiddenFields(context, type);
  for (const record::Field* field : used) {
    if (std::find(hidden.begin(), hidden.end(), field->number) == hidden.end()) continue;
    return record::MakeStatus(record::kPermissionDenied, "FIELD_SECURED",
                              field->name + " is secured.", {{"field", field->name}});
  }
  return {};
}

// `found`: what is wrong with the fields by themselves.
Answer ListAt(const ReadContext& context, const store::View& view, const record::RecordType& type,
              const ListFields& fields, std::string_view request, std::vector<Violation> found) {
  auto terms = query::ParseFilter(type, fields.filter, &found);
  auto order = query::ParseOrder(type, fields.order_by, &found);
  const Wanted wanted{ReadMaskOf(fields.mask, type, &found), fields.permissions};
  const std::string question = SealedWith(context, type.collection, 3, 4, request);
  auto token = TokenOf(fields.token, context.options.token_key, question, &found);
  auto moment = MomentOf(context, view, fields.read_time, &found);
  const auto violations = AllFaults(context, std::move(found));
  if (!violations.empty()) return Faulty(violations);
  query::Plan plan;
  const Sight sight(context.route, context.catalogue, &moment);
  record::Status status = CheckListedBy(context, type, terms, order);
  if (status.code() == record::kOk)
    status = query::MakePlan(type, terms, order, fields.read_time != nullptr,
                             HiddenFields(context, type), &plan);
  if (status.code() != record::kOk) return Failed(std::move(status));

  std::string body;
  query::Page page;
  if (moment)
    page = query::ReadPage(*moment, type, plan, token->last_key, fields.page_size, fields.total);
  for (const std::string& image : page.images) {
    record::AppendBytesField(1, Shown(context, *moment, type, wanted, image), &body);
  }
  if (!page.last_key.empty()) {
    record::AppendBytesField(
        2, query::PageToken{page.last_key, -1}.Seal(context.options.token_key, question), &body);
  }
  if (page.total != 0) record::AppendVarintField(3, static_cast<uint64_t>(page.total), &body);
  record::AppendBytesField(4, PositionText(context.shard, view.applied() - 1), &body);
  if (moment && !context.route.generic) AppendTitles(context, *moment, type, page.images, &body);
  return Succeeded(context, view, std::move(body));
}

}  // namespace

Answer AnswerList(const ReadContext& context, const store::View& view) {
  std::vector<Violation> found;
  const std::string_view request = QuestionOf(context.route);
  const auto spans = record::Spans::Read(request);
  const ListFields fields = ListFieldsOf(*spans, &found);
  const record::RecordType* type = TypeOfRequest(context.route, context.catalogue);
  if (type != nullptr) return ListAt(context, view, *type, fields, request, std::move(found));
  (void)MomentOf(context, view, fields.read_time, &found);
  auto violations = AllFaults(context, std::move(found));
  AddOnce(UnknownCollection(context.route), &violations);
  return Faulty(violations);
}

}  // namespace crm::rpc
