#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tools/crmctl/batch_faults.h"
#include "tools/crmctl/session.h"

// Sends rows to the server, all that can be created, whatever is wrong with others.
namespace crm::ctl {

struct ImportRow {
  int64_t number = 0;
  std::string id;
  std::unique_ptr<Message> record;
};

struct ImportCounts {
  int64_t created = 0;
  int64_t there = 0;
  int64_t failed = 0;
};

class BatchImport {
 public:
  using Report = std::function<void(int64_t row, const std::vector<RowFault>& faults)>;

  // `dry_run`: ask only whether the rows could be created.
  BatchImport(Session& session, const RecordType& type, bool dry_run, Report report);

  // Throws Failure when the server is away, or refuses what has nothing to do with the rows.
  void Send(std::vector<ImportRow> rows);
  void Fail(int64_t row, const std::vector<RowFault>& faults);
  const ImportCounts& counts() const { return counts_; }

 private:
  using Rows = std::vector<const ImportRow*>;

  void Create(Rows rows);
  void CreateHalves(const Rows& rows);
  void Check(const ImportRow& row);
  Status SendBatch(const Rows& rows);
  std::unique_ptr<Message> RequestOf(const MethodDescriptor& method, const ImportRow& row);
  std::vector<std::string> NamesOf(const Rows& rows) const;

  Session& session_;
  const RecordType& type_;
  const bool dry_run_;
  Report report_;
  ImportCounts counts_;
};

}  // namespace crm::ctl
