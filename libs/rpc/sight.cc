#include "libs/rpc/sight.h"

#include <algorithm>

#include "libs/record/image.h"
#include "libs/record/wire.h"

namespace crm::rpc {
namespace {

// A guard that only knows types.
class NoRecords final : public access::Records {
 public:
  const record::Catalogue& catalogue() const override { return *catalogue_; }
  std::optional<std::string> Find(const record::RecordType&, const record::Uuid&) const override {
    return std::nullopt;
  }
  std::vector<record::Uuid> FindByIndex(const record::RecordType&, const record::Index&,
                                        const std::string&) const override {
    return {};
  }

 private:
  const record::Catalogue* catalogue_ = nullptr;
};

}  // namespace

record::Status CheckListed(const Route& route, const record::RecordType& type) {
  if (route.subject == nullptr) return {};
  const NoRecords nothing;
  return access::Guard(route.subject, nothing).CheckAny(access::Right::kRead, type);
}

void MaskChange(const access::Subject* subject, const record::RecordType& type,
                record::v1::Change* change) {
  if (subject == nullptr) return;
  const auto& hidden = subject->HiddenFields(type.number);
  if (hidden.empty()) return;
  auto* fields = change->mutable_fields();
  fields->erase(
      std::remove_if(fields->begin(), fields->end(),
                     [&](const record::v1::FieldChange& field) {
                       const std::string root = field.path().substr(0, field.path().find('.'));
                       const record::Field* found = type.Find(root);
                       return found != nullptr && std::find(hidden.begin(), hidden.end(),
                                                            found->number) != hidden.end();
                     }),
      fields->end());
}

std::string MaskWritten(const access::Subject* subject, const record::RecordType& type,
                        std::string image) {
  if (subject == nullptr) return image;
  const bool follows = type.annotation.ownership() == record::v1::Record::PARENT;
  if (!follows && !access::MayAny(*subject, access::Right::kRead, type.number)) {
    record::ImageEdit edit(image);
    for (const record::Field& field : type.message->fields) {
      if (field.number > record::kEtag) edit.Clear(field.number);
    }
    return edit.Build();
  }
  const NoRecords nothing;
  return access::Guard(subject, nothing).Masked(type, std::move(image));
}

std::string WithPermissions(const Route& route, const record::Catalogue& catalogue,
                            const query::Moment& moment, const record::RecordType& type,
                            const record::Uuid& id, std::string shown) {
  const query::MomentRecords records(moment, catalogue);
  // Decided on the whole image: the one that is shown may lack what the caller may not read.
  const auto image = records.Find(type, id);
  if (!image) return shown;
  const access::RightSet rights =
      access::Guard(route.subject, records).RightsOn({&type, id, *image});
  for (size_t right = 0; right < access::kRights; ++right) {
    if (!rights.Has(static_cast<access::Right>(right))) continue;
    record::AppendBytesField(record::kPermissions,
                             record::v1::Right_Name(static_cast<int>(right) + 1), &shown);
  }
  auto normal = record::Normalise(*type.message, shown);
  return normal ? std::move(*normal) : shown;
}

bool MayReadImage(const Route& route, const record::Catalogue& catalogue, const store::View& view,
                  store::TenantNumber tenant, const record::RecordType& type,
                  const record::Uuid& id, std::string_view image) {
  if (route.subject == nullptr) return true;
  const query::MomentRecords records({view, tenant}, catalogue);
  return access::Guard(route.subject, records).May(access::Right::kRead, {&type, id, image});
}

}  // namespace crm::rpc
