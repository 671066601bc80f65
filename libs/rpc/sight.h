#pragma once

#include <optional>

#include "libs/access/guard.h"
#include "libs/query/moment_records.h"
#include "libs/rpc/route.h"

namespace crm::rpc {

// The caller's eyes at one moment: it puts a guard on the moment, and must outlive its use.
class Sight {
 public:
  Sight(const Route& route, const record::Catalogue& catalogue,
        std::optional<query::Moment>* moment) {
    if (!*moment) return;
    records_.emplace(**moment, catalogue);
    guard_.emplace(route.subject, *records_);
    if (route.subject != nullptr) (*moment)->guard = &*guard_;
  }
  Sight(const Sight&) = delete;
  Sight& operator=(const Sight&) = delete;

  // Null where the tenant had nothing at the moment.
  const access::Guard* guard() const { return guard_ ? &*guard_ : nullptr; }

 private:
  std::optional<query::MomentRecords> records_;
  std::optional<access::Guard> guard_;
};

// Whether the caller may list records of the type at all.
record::Status CheckListed(const Route& route, const record::RecordType& type);
inline record::Status CheckListed(const Route& route) { return CheckListed(route, *route.type); }
// Leaves out of a change what the caller may not read of its fields.
void MaskChange(const access::Subject* subject, const record::RecordType& type,
                record::v1::Change* change);
// A record after a write, as its writer may see it.
std::string MaskWritten(const access::Subject* subject, const record::RecordType& type,
                        std::string image);
// An image that is about to be answered, with what the caller may do with the record as it is at
// the moment: the names of rights in `permissions`.
std::string WithPermissions(const Route& route, const record::Catalogue& catalogue,
                            const query::Moment& moment, const record::RecordType& type,
                            const record::Uuid& id, std::string shown);
// Whether the caller may read the record that the image was, whether it is still there or not.
bool MayReadImage(const Route& route, const record::Catalogue& catalogue, const store::View& view,
                  store::TenantNumber tenant, const record::RecordType& type,
                  const record::Uuid& id, std::string_view image);

}  // namespace crm::rpc
