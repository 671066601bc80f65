#pragma once

#include <optional>
#include <string>
#include <vector>

#include "libs/access/guard.h"
#include "libs/query/read.h"

namespace crm::query {

// Records as they were at a moment, for decisions about them. Shares are today's.
class MomentRecords final : public access::Records {
 public:
  // `moment` is copied, without its guard.
  MomentRecords(const Moment& moment, const record::Catalogue& catalogue)
      : moment_{moment.view, moment.tenant, moment.as_of, moment.hiding}, catalogue_(catalogue) {}

  const record::Catalogue& catalogue() const override { return catalogue_; }
  std::optional<std::string> Find(const record::RecordType& type,
                                  const record::Uuid& id) const override {
    return ReadRecord(moment_, type, id);
  }
  std::vector<record::Uuid> FindByIndex(const record::RecordType& type, const record::Index& index,
                                        const std::string& values) const override;

 private:
  const Moment moment_;
  const record::Catalogue& catalogue_;
};

}  // namespace crm::query
