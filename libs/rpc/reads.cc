#include "libs/rpc/reads.h"

#include <algorithm>

#include "google/protobuf/field_mask.pb.h"
#include "libs/query/computed.h"
#include "libs/query/page_token.h"
#include "libs/query/read.h"
#include "libs/record/image.h"
#include "libs/record/mask.h"
#include "libs/record/name.h"
#include "libs/record/validate.h"
#include "libs/record/wire.h"
#include "libs/rpc/sight.h"

namespace crm::rpc {
namespace {

using record::Violation;

// Numbers of crm.record.v1's requests' fields.
constexpr uint32_t kGetName = 1, kGetTime = 2, kGetMask = 4, kGetPermissions = 5;
constexpr uint32_t kBatchNames = 1, kBatchTime = 2, kBatchPermissions = 4;
constexpr uint32_t kHistoryName = 1, kHistorySize = 2, kHistoryToken = 3;
constexpr size_t kDefaultPage = 50;
constexpr size_t kLargestPage = 1000;

// Where the request has a type's own request in it: the field.
const record::Field* PartOf(const Route& route) {
  const record::MethodKind kind = route.method->kind;
  const bool of_collection =
      kind == record::MethodKind::kList || kind == record::MethodKind::kWatch;
  return route.generic && of_collection ? route.method->request->Find(2) : nullptr;
}

Answer Failed(record::Status status) {
  Answer answer;
  answer.status = std::move(status);
  return answer;
}

Answer Faulty(const std::vector<Violation>& violations) {
  return Failed(record::InvalidArgument(violations));
}

Answer Succeeded(const ReadContext& context, const store::View& view, std::string body) {
  Answer answer;
  answer.body = std::move(body);
  answer.initial.push_back({"crm-position", PositionText(context.shard, view.applied() - 1)});
  return answer;
}

// The moment that a request wants to read; nullopt where the tenant has nothing at it.
std::optional<query::Moment> MomentOf(const ReadContext& context, const store::View& view,
                                      const record::Span* read_time,
                                      std::vector<Violation>* violations) {
  const int64_t time = read_time == nullptr ? 0 : record::TimeOf(read_time->payload);
  if (read_time != nullptr && time <= 0) {
    AddOnce({"read_time", "OUT_OF_RANGE", "There is nothing to read before 1970."}, violations);
    return std::nullopt;
  }
  auto tenant = view.Tenant(context.route.principal.tenant);
  if (!tenant) return std::nullopt;
  if (read_time == nullptr) return query::Moment::At(view, context.catalogue, *tenant);
  const int64_t as_of = view.PositionAt(tenant->number, time);
  if (as_of < 0) return std::nullopt;
  return query::Moment::At(view, context.catalogue, *tenant, as_of);
}

record::Mask ReadMaskOf(const record::Span* span, const record::RecordType& type,
                        std::vector<Violation>* violations) {
  google::protobuf::FieldMask mask;
  if (span != nullptr)
    mask.ParseFromArray(span->payload.data(), static_cast<int>(span->payload.size()));
  return record::Mask::Compile(*type.message, {mask.paths().begin(), mask.paths().end()},
                               "read_mask", violations);
}

// What is shown of a record.
struct Wanted {
  record::Mask mask = {};
  bool permissions = false;

  bool Permissions() const { return permissions || mask.Contains(record::kPermissions); }
};

std::string Shown(const ReadContext& context, const query::Moment& moment,
                  const record::RecordType& type, const Wanted& wanted, std::string image) {
  const auto name = record::Name::Parse(record::Spans::Read(image)->Text(record::kName));
  image = query::WithComputed(moment, type, wanted.mask, std::move(image));
  if (!wanted.mask.empty()) image = wanted.mask.Keep(image);
  if (name && wanted.Permissions()) {
    image =
        WithPermissions(context.route, context.catalogue, moment, type, name->id, std::move(image));
  }
  return context.route.generic ? AnyBytes(type, image) : image;
}

size_t PageSize(int64_t wanted, std::vector<Violation>* violations) {
  if (wanted < 0)
    violations->push_back({"page_size", "OUT_OF_RANGE", "A page has 1 to 1000 items; 0 means 50."});
  if (wanted == 0) return kDefaultPage;
  return std::min<size_t>(static_cast<size_t>(wanted), kLargestPage);
}

// What must be the same for the page after: everything but the size and the token. The method does
// not say which collection, where it is that of all types.
std::string SealedWith(const ReadContext& context, const std::string& collection,
                       uint32_t size_field, uint32_t token_field, std::string_view request) {
  return context.route.principal.tenant + '\0' + context.route.method->path + '\0' + collection +
         '\0' + record::ImageEdit(request).Clear(size_field).Clear(token_field).Build();
}

std::optional<query::PageToken> TokenOf(std::string_view token, const std::string& key,
                                        const std::string& question,
                                        std::vector<Violation>* violations) {
  if (token.empty()) return query::PageToken{};
  auto opened = query::PageToken::Open(token, key, question);
  if (!opened) {
    violations->push_back(
        {"page_token", "INVALID_PAGE_TOKEN",
         "The token is not one of this server's, or is of a list with other fields."});
  }
  return opened;
}

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
      titles.emplace(reference, record::Spans::Read(*referred)->Text(to->title->number));
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

// Who may read a record may read its history; of a deleted one, who might read it at last.
bool MayReadHistory(const ReadContext& context, const store::View& view, store::TenantNumber tenant,
                    const Target& target) {
  if (context.route.subject == nullptr) return true;
  for (const log::Stored& event :
       view.History({tenant, target.type->number, target.id}, store::kNow, 2)) {
    const std::string image = query::ImageOf(event);
    if (image.empty()) continue;
    return MayReadImage(context.route, context.catalogue, view, tenant, *target.type, target.id,
                        image);
  }
  return false;
}

}  // namespace

std::string_view QuestionOf(const Route& route) {
  const record::Field* part = PartOf(route);
  return part == nullptr ? std::string_view(route.request)
                         : record::Spans::Read(route.request)->Text(part->number);
}

std::string PathOf(const Route& route, const std::string& field) {
  const record::Field* part = PartOf(route);
  return part == nullptr ? field : part->name + "." + field;
}

WantedPosition MinPositionOf(const Route& route) {
  const record::Field* part = PartOf(route);
  const record::MessageType& message = part == nullptr ? *route.method->request : *part->message;
  const record::Field* field = message.Find("min_position");
  if (field == nullptr) return {};
  return {part == nullptr ? "min_position" : "list.min_position",
          record::Spans::Read(QuestionOf(route))->Text(field->number)};
}

const record::RecordType* TypeOfRequest(const Route& route, const record::Catalogue& catalogue) {
  if (route.type != nullptr) return route.type;
  std::string_view collection = record::Spans::Read(route.request)->Text(1);
  if (PartOf(route) == nullptr) collection = collection.substr(0, collection.find('/'));
  const record::RecordType* type = catalogue.FindType(collection);
  return type == nullptr || type->annotation.internal() ? nullptr : type;
}

Violation UnknownCollection(const Route& route) {
  return UnknownType("collection", record::Spans::Read(route.request)->Text(1));
}

std::vector<Violation> FaultsOf(const ReadContext& context) {
  auto violations = record::ValidateRequest(*context.route.method->request, context.route.request);
  violations.insert(violations.end(), context.faults.begin(), context.faults.end());
  return violations;
}

Answer AnswerGet(const ReadContext& context, const store::View& view) {
  auto violations = FaultsOf(context);
  auto spans = record::Spans::Read(context.route.request);
  auto target = ParseTarget(context.catalogue, context.route.type, spans->Text(kGetName), "name",
                            &violations);
  auto moment = MomentOf(context, view, spans->Find(kGetTime), &violations);
  Wanted wanted{.permissions = spans->Integer(kGetPermissions) != 0};
  if (const record::RecordType* type = target ? target->type : context.route.type)
    wanted.mask = ReadMaskOf(spans->Find(kGetMask), *type, &violations);
  if (!target || !violations.empty()) return Faulty(violations);
  const Sight sight(context.route, context.catalogue, &moment);
  auto image = moment ? query::ReadRecord(*moment, *target->type, target->id) : std::nullopt;
  if (!image) return Failed(record::NotFound(spans->Text(kGetName)));
  return Succeeded(context, view,
                   Shown(context, *moment, *target->type, wanted, std::move(*image)));
}

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

Answer AnswerBatchGet(const ReadContext& context, const store::View& view) {
  auto violations = FaultsOf(context);
  auto spans = record::Spans::Read(context.route.request);
  auto names = spans->All(kBatchNames);
  if (names.size() > static_cast<size_t>(context.options.max_batch)) {
    violations.push_back({"names", "OUT_OF_RANGE",
                          "At most " + std::to_string(context.options.max_batch) + " names."});
  }
  auto moment = MomentOf(context, view, spans->Find(kBatchTime), &violations);
  std::vector<Target> targets;
  for (size_t i = 0; i < names.size() && violations.size() < 100; ++i) {
    auto target = ParseTarget(context.catalogue, context.route.type, names[i].payload,
                              "names[" + std::to_string(i) + "]", &violations);
    if (target) targets.push_back(*target);
  }
  if (!violations.empty()) return Faulty(violations);
  const Sight sight(context.route, context.catalogue, &moment);
  const Wanted wanted{.permissions = spans->Integer(kBatchPermissions) != 0};
  std::string body;
  for (size_t i = 0; i < targets.size(); ++i) {
    auto image =
        moment ? query::ReadRecord(*moment, *targets[i].type, targets[i].id) : std::nullopt;
    if (!image) return Failed(record::NotFound(names[i].payload));
    record::AppendBytesField(
        1, Shown(context, *moment, *targets[i].type, wanted, std::move(*image)), &body);
  }
  record::AppendBytesField(2, PositionText(context.shard, view.applied() - 1), &body);
  return Succeeded(context, view, std::move(body));
}

Answer AnswerHistory(const ReadContext& context, const store::View& view) {
  auto violations = FaultsOf(context);
  auto spans = record::Spans::Read(context.route.request);
  auto target = ParseTarget(context.catalogue, context.route.type, spans->Text(kHistoryName),
                            "name", &violations);
  const size_t size = PageSize(static_cast<int32_t>(spans->Integer(kHistorySize)), &violations);
  const std::string question =
      SealedWith(context, "", kHistorySize, kHistoryToken, context.route.request);
  auto token =
      TokenOf(spans->Text(kHistoryToken), context.options.token_key, question, &violations);
  if (!violations.empty()) return Faulty(violations);

  auto tenant = view.Tenant(context.route.principal.tenant);
  const int64_t before = token->position >= 0 ? token->position : store::kNow;
  std::vector<log::Stored> events;
  if (tenant)
    events = view.History({tenant->number, target->type->number, target->id}, before, size + 1);
  if (events.empty() && before == store::kNow)
    return Failed(record::NotFound(spans->Text(kHistoryName)));
  if (!events.empty() && !MayReadHistory(context, view, tenant->number, *target))
    return Failed(record::NotFound(spans->Text(kHistoryName)));
  record::v1::HistoryResponse response;
  if (events.size() > size) {
    events.pop_back();
    response.set_next_page_token(
        query::PageToken{"", events.back().offset}.Seal(context.options.token_key, question));
  }
  for (const log::Stored& event : events) {
    auto change = query::DescribeChange(view, tenant->number, *target->type, target->id, event);
    MaskChange(context.route.subject, *target->type, &change);
    change.set_position(PositionText(context.shard, event.offset));
    *response.add_changes() = std::move(change);
  }
  return Succeeded(context, view, response.SerializeAsString());
}

}  // namespace crm::rpc
