#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/log/automaton.h"
#include "libs/record/catalogue.h"
#include "libs/store/key.h"
#include "libs/store/layout.h"
#include "libs/store/moment.h"
#include "libs/store/read_rows.h"
#include "libs/store/view.h"

namespace crm::store {

class ReadView final : public View {
 public:
  // `service`: whose records Verify is about; empty: all. `read`: where single records that are
  // read are found and kept, for a view of the tables as they are; null: nowhere.
  ReadView(std::shared_ptr<const Moment> moment, const record::Catalogue& catalogue,
           std::string service, std::shared_ptr<const Places> places, ReadRows* read);

  int64_t applied() const override { return State().next; }
  uint64_t log_id() const override { return State().log_id; }
  log::Automaton::State Replicated(std::string_view service, int partition) const override;
  std::optional<TenantEntry> Tenant(std::string_view tenant) const override;
  std::vector<std::string> Tenants() const override;
  std::optional<std::string> Record(const RecordKey& key) const override;
  void ExpectNew(const RecordKey& key) const override;
  std::vector<std::optional<std::string>> Records(
      const std::vector<RecordKey>& keys) const override;
  std::unique_ptr<IndexCursor> Scan(const IndexRange& range, int64_t as_of) const override;
  std::string TakeMissing() const override { return std::exchange(missing_, {}); }
  std::vector<log::Stored> History(const RecordKey& key, int64_t before,
                                   size_t limit) const override;
  std::optional<log::Stored> VersionAt(const RecordKey& key, int64_t position) const override;
  std::vector<Change> Changes(TenantNumber tenant, int64_t after, size_t limit) const override;
  std::vector<log::Stored> CommitAt(TenantNumber tenant, int64_t position) const override;
  int64_t PositionAt(TenantNumber tenant, int64_t time_us) const override;
  std::vector<RecordKey> Cascades(TenantNumber tenant, bool ever) const override;
  std::vector<RecordKey> Moving(TenantNumber tenant) const override;
  std::optional<RequestEntry> Request(TenantNumber tenant, std::string_view request) const override;
  uint64_t Outbox(TenantNumber tenant, std::string_view source) const override;
  std::vector<WakeEntry> Wakes(std::optional<TenantNumber> tenant, int64_t until_us,
                               size_t limit) const override;
  int64_t Reached(std::string_view reactor, std::string_view service, int partition) const override;
  std::vector<ApartEntry> Apart(std::string_view reactor, std::string_view service,
                                int partition) const override;
  log::Automaton::State Reading(std::string_view reader) const override {
    return StateAt(ReadingKey(reader));
  }
  std::map<std::string, std::string> Verify(std::string_view tenant) const override;

 private:
  log::Automaton::State State() const { return StateAt(std::string(kStateKey)); }
  log::Automaton::State StateAt(const std::string& key) const;
  // `prefix`: of rows that end with a record's type and id.
  std::vector<RecordKey> RecordsUnder(TenantNumber tenant, const std::string& prefix) const;

  std::shared_ptr<const Moment> moment_;
  const record::Catalogue& catalogue_;
  const std::string service_;
  const std::shared_ptr<const Places> places_;
  ReadRows* const read_;
  mutable std::string missing_;
};

}  // namespace crm::store
