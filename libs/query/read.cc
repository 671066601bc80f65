#include "libs/query/read.h"

#include "libs/access/guard.h"
#include "libs/query/guarded_page.h"
#include "libs/record/changed.h"
#include "libs/record/check.h"
#include "libs/record/image.h"
#include "libs/record/spans.h"

namespace crm::query {
namespace {

store::RecordKey KeyOf(const Moment& moment, const record::RecordType& type,
                       const record::Uuid& id) {
  return {moment.tenant, type.number, id};
}

bool Hides(const Moment& moment, const record::RecordType& type, std::string_view image) {
  return moment.hiding && moment.hiding->Hides(type, image);
}

std::vector<std::string> ImagesOf(const Moment& moment, const record::RecordType& type,
                                  const std::vector<record::Uuid>& ids) {
  std::vector<std::string> images;
  images.reserve(ids.size());
  if (moment.as_of != store::kNow) {
    for (const record::Uuid& id : ids) {
      if (auto image = ReadRecord(moment, type, id)) images.push_back(std::move(*image));
    }
    return images;
  }
  std::vector<store::RecordKey> keys;
  keys.reserve(ids.size());
  for (const record::Uuid& id : ids) keys.push_back(KeyOf(moment, type, id));
  for (auto& image : moment.view.Records(keys)) {
    if (image && !image->empty() && !Hides(moment, type, *image))
      images.push_back(std::move(*image));
  }
  return images;
}

// As much of it as there is for who looks.
std::optional<std::string> Shown(const Moment& moment, const record::RecordType& type,
                                 const record::Uuid& id, std::optional<std::string> image) {
  if (!image || image->empty() || Hides(moment, type, *image)) return std::nullopt;
  if (moment.guard == nullptr) return image;
  if (!moment.guard->May(access::Right::kRead, {&type, id, *image})) return std::nullopt;
  return moment.guard->Masked(type, std::move(*image));
}

}  // namespace

std::string ImageOf(const log::Stored& message) {
  auto parts = log::SplitBody(*message.body);
  auto spans = parts ? record::Spans::Read(parts->value) : std::nullopt;
  return spans && !spans->all().empty() ? std::string(spans->all().front().payload) : "";
}

std::optional<std::string> ReadRecord(const Moment& moment, const record::RecordType& type,
                                      const record::Uuid& id) {
  std::optional<std::string> image;
  if (moment.as_of == store::kNow) {
    image = moment.view.Record(KeyOf(moment, type, id));
  } else if (auto version = moment.view.VersionAt(KeyOf(moment, type, id), moment.as_of)) {
    image = ImageOf(*version);
  }
  return Shown(moment, type, id, std::move(image));
}

std::vector<std::optional<std::string>> ReadRecords(const Moment& moment,
                                                    const record::RecordType& type,
                                                    const std::vector<record::Uuid>& ids) {
  std::vector<std::optional<std::string>> images;
  if (moment.as_of != store::kNow) {
    for (const record::Uuid& id : ids) images.push_back(ReadRecord(moment, type, id));
    return images;
  }
  std::vector<store::RecordKey> keys;
  keys.reserve(ids.size());
  for (const record::Uuid& id : ids) keys.push_back(KeyOf(moment, type, id));
  images = moment.view.Records(keys);
  for (size_t i = 0; i < ids.size(); ++i)
    images[i] = Shown(moment, type, ids[i], std::move(images[i]));
  return images;
}

Moment Moment::At(const store::View& view, const record::Catalogue& catalogue,
                  const store::TenantEntry& tenant, int64_t as_of) {
  Moment moment{view, tenant.number, as_of};
  moment.hiding = store::Hiding::At(view, catalogue, tenant, as_of);
  return moment;
}

store::IndexRange RangeOf(const Moment& moment, const record::RecordType& type, const Plan& plan,
                          const std::string& after) {
  store::IndexRange range{moment.tenant, type.number, plan.index->number,
                          plan.from,     plan.to,     plan.reverse};
  if (after.empty()) return range;
  if (plan.reverse) {
    range.to = after;
  } else {
    range.from = after + '\0';
  }
  return range;
}

int64_t CountAll(const Moment& moment, const record::RecordType& type, const Plan& plan) {
  int64_t total = 0;
  auto all = moment.view.Scan(RangeOf(moment, type, plan, ""), moment.as_of);
  for (; all->Valid(); all->Next()) {
    if (!moment.hiding || ReadRecord(moment, type, all->id())) ++total;
  }
  return total;
}

Page ReadPage(const Moment& moment, const record::RecordType& type, const Plan& plan,
              const std::string& after, size_t size, bool count) {
  if (moment.guard != nullptr && moment.guard->restricts())
    return ReadGuardedPage(moment, type, plan, after, size, count);
  Page page;
  std::vector<record::Uuid> ids;
  auto cursor = moment.view.Scan(RangeOf(moment, type, plan, after), moment.as_of);
  for (; cursor->Valid() && ids.size() < size; cursor->Next()) {
    ids.push_back(cursor->id());
    page.last_key = cursor->key();
  }
  if (!cursor->Valid()) page.last_key.clear();
  page.images = ImagesOf(moment, type, ids);
  if (count) page.total = CountAll(moment, type, plan);
  return page;
}

record::v1::Change DescribeChange(const store::View& view, store::TenantNumber tenant,
                                  const record::RecordType& type, const record::Uuid& id,
                                  const log::Stored& event) {
  record::v1::Change change;
  auto parts = log::SplitBody(*event.body);
  log::Envelope envelope;
  CRM_CHECK(parts && envelope.ParseFromArray(parts->envelope.data(),
                                             static_cast<int>(parts->envelope.size())));
  auto before = view.History({tenant, type.number, id}, event.offset, 1);
  const std::string old_image = before.empty() ? "" : ImageOf(before.front());
  const std::string image = ImageOf(event);
  change.mutable_time()->set_seconds(envelope.time_us() / 1'000'000);
  change.mutable_time()->set_nanos(static_cast<int>(envelope.time_us() % 1'000'000 * 1000));
  change.set_user(envelope.actor());
  change.set_client(envelope.client());
  change.set_event(envelope.type());
  change.set_name(envelope.subject());
  if (auto command = record::Uuid::FromBytes(envelope.command()))
    change.set_command(command->Text());
  if (!image.empty()) change.set_etag(std::string(record::TextIn(image, record::kEtag)));
  for (auto& field : record::FieldChanges(*type.message, old_image, image))
    *change.add_fields() = std::move(field);
  return change;
}

}  // namespace crm::query
