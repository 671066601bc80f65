#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "libs/store/view.h"

namespace crm::store {

// Whether a delete of the record that this reference names takes the one that holds it with it.
// `image`: of the one that holds it.
bool GoesWith(const record::Referrer& referrer, std::string_view image);

// Which records are hidden, because a record that they go with is being deleted, or brought back,
// in more than one commit. To everybody but those commits they are deleted.
class Hiding {
 public:
  // The record's image at the moment that is read; empty or nullopt: there is none.
  using Find =
      std::function<std::optional<std::string>(const record::RecordType&, const record::Uuid&)>;
  // Null where nothing is under way in the tenant at that moment, as nearly always. The view and
  // the catalogue must outlive it.
  static std::shared_ptr<const Hiding> At(const View& view, const record::Catalogue& catalogue,
                                          const TenantEntry& tenant, int64_t as_of = kNow);

  Hiding(const record::Catalogue& catalogue, Find find)
      : catalogue_(catalogue), find_(std::move(find)) {}
  bool Hides(const record::RecordType& type, std::string_view image) const;

 private:
  bool HidesAt(const record::RecordType& type, std::string_view image, int depth) const;

  const record::Catalogue& catalogue_;
  const Find find_;
  mutable std::map<std::string, bool> known_;  // by name
};

}  // namespace crm::store
