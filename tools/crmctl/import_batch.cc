#include "tools/crmctl/import_batch.h"

#include "google/rpc/code.pb.h"
#include "google/rpc/error_details.pb.h"
#include "tools/crmctl/record_input.h"

namespace crm::ctl {
namespace {

RowFault FaultOf(const Status& status) {
  google::rpc::ErrorInfo info;
  FindDetail(status, &info);
  return {"", info.reason().empty() ? CodeName(status.code()) : info.reason(), status.message()};
}

// The same for one record's own Create, whose paths begin with `lead.`.
std::vector<RowFault> SingleFaultsOf(const Status& status) {
  google::rpc::BadRequest request;
  FindDetail(status, &request);
  std::vector<RowFault> faults;
  for (const auto& violation : request.field_violations()) {
    size_t dot = violation.field().find('.');
    std::string field =
        dot == std::string::npos ? violation.field() : violation.field().substr(dot + 1);
    faults.push_back({field, violation.reason(), violation.description()});
  }
  if (faults.empty()) faults.push_back(FaultOf(status));
  return faults;
}

}  // namespace

BatchImport::BatchImport(Session& session, const RecordType& type, bool dry_run, Report report)
    : session_(session), type_(type), dry_run_(dry_run), report_(std::move(report)) {}

void BatchImport::Fail(int64_t row, const std::vector<RowFault>& faults) {
  ++counts_.failed;
  report_(row, faults);
}

void BatchImport::Send(std::vector<ImportRow> rows) {
  if (dry_run_) {
    for (const auto& row : rows) Check(row);
    return;
  }
  Rows left;
  for (const auto& row : rows) left.push_back(&row);
  Create(left);
}

std::vector<std::string> BatchImport::NamesOf(const Rows& rows) const {
  std::vector<std::string> names;
  for (const auto* row : rows) names.push_back(type_.collection + "/" + row->id);
  return names;
}

std::unique_ptr<Message> BatchImport::RequestOf(const MethodDescriptor& method,
                                                const ImportRow& row) {
  auto request = session_.schema().New(method.input_type());
  const FieldDescriptor* field = RecordField(method.input_type(), type_.message);
  request->GetReflection()->MutableMessage(request.get(), field)->CopyFrom(*row.record);
  CheckedSet(request.get(), field->name() + "_id", row.id);
  return request;
}

Status BatchImport::SendBatch(const Rows& rows) {
  const MethodDescriptor& method = type_.Method("BatchCreate");
  const MethodDescriptor& create = type_.Method("Create");
  auto batch = session_.schema().New(method.input_type());
  const FieldDescriptor* requests = method.input_type()->FindFieldByName("requests");
  for (const auto* row : rows) {
    Message* item = batch->GetReflection()->AddMessage(batch.get(), requests);
    item->CopyFrom(*RequestOf(create, *row));
  }
  SetRequestId(batch.get());
  auto response = session_.schema().New(method.output_type());
  return session_.Send(method, *batch, response.get());
}

void BatchImport::Create(Rows rows) {
  while (!rows.empty()) {
    Status status = SendBatch(rows);
    if (status.code() == google::rpc::OK) {
      counts_.created += static_cast<int64_t>(rows.size());
      return;
    }
    BatchFaults faults = FaultsOf(status, NamesOf(rows));
    if (faults.wrong.empty() && faults.there.empty()) {
      if (!MayBeSplit(status)) throw Failure(status);
      if (rows.size() > 1) return CreateHalves(rows);
      return Fail(rows[0]->number, {FaultOf(status)});
    }
    Rows left;
    for (size_t i = 0; i < rows.size(); ++i) {
      auto wrong = faults.wrong.find(i);
      if (faults.there.contains(i)) {
        ++counts_.there;
      } else if (wrong != faults.wrong.end()) {
        Fail(rows[i]->number, wrong->second);
      } else {
        left.push_back(rows[i]);
      }
    }
    rows = left;
  }
}

// Nothing says which rows are at fault, or they are too many at once.
void BatchImport::CreateHalves(const Rows& rows) {
  auto middle = rows.begin() + static_cast<std::ptrdiff_t>(rows.size() / 2);
  Create(Rows(rows.begin(), middle));
  Create(Rows(middle, rows.end()));
}

void BatchImport::Check(const ImportRow& row) {
  const MethodDescriptor& method = type_.Method("Create");
  auto request = RequestOf(method, row);
  CheckedSet(request.get(), "validate_only", "true");
  auto response = session_.schema().New(method.output_type());
  Status status = session_.Send(method, *request, response.get());
  google::rpc::ErrorInfo info;
  FindDetail(status, &info);
  if (status.code() == google::rpc::OK) {
    ++counts_.created;
  } else if (status.code() == google::rpc::ALREADY_EXISTS && info.reason() == "ID") {
    ++counts_.there;
  } else if (status.code() == google::rpc::INVALID_ARGUMENT || MayBeSplit(status)) {
    Fail(row.number, SingleFaultsOf(status));
  } else {
    throw Failure(status);
  }
}

}  // namespace crm::ctl
