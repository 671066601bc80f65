#include "libs/rpc/reading.h"

#include <algorithm>

#include "google/protobuf/field_mask.pb.h"
#include "libs/query/computed.h"
#include "libs/record/image.h"
#include "libs/record/name.h"
#include "libs/rpc/sight.h"

namespace crm::rpc {
namespace {

using record::Violation;

constexpr size_t kDefaultPage = 50;
constexpr size_t kLargestPage = 1000;

}  // namespace

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

std::string Shown(const ReadContext& context, const query::Moment& moment,
                  const record::RecordType& type, const Wanted& wanted, std::string image) {
  const auto name = record::Name::Parse(record::TextIn(image, record::kName));
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

}  // namespace crm::rpc
