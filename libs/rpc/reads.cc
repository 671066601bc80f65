#include "libs/rpc/reads.h"

#include "libs/record/validate.h"
#include "libs/record/wire.h"
#include "libs/rpc/reading.h"
#include "libs/rpc/sight.h"

namespace crm::rpc {
namespace {

using record::Violation;

// Numbers of crm.record.v1's requests' fields.
constexpr uint32_t kGetName = 1, kGetTime = 2, kGetMask = 4, kGetPermissions = 5;
constexpr uint32_t kBatchNames = 1, kBatchTime = 2, kBatchPermissions = 4;
constexpr uint32_t kHistoryName = 1, kHistorySize = 2, kHistoryToken = 3;

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
