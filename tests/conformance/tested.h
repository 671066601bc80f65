#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "crm/record/v1/methods.pb.h"
#include "tests/conformance/schema.h"
#include "tests/server/filled.h"

namespace crm::test {

// A record as it was answered: its bytes, which are the same wherever it is answered.
struct RecordAnswer : Outcome {
  std::string body;
};

struct RecordsAnswer : Outcome {
  std::vector<std::string> records;
  std::string next_page_token;
  int64_t total_size = 0;
  std::string position_read;
};

// What a create or an update may say beside the record.
struct Asked {
  std::string id{};
  std::string request_id{};
  std::vector<std::string> mask{};
  bool validate_only = false;
  bool allow_missing = false;
};

// The standard methods of one record type, called for one tenant that nobody else uses.
class Tested {
 public:
  Tested(const Schema& schema, const RecordType& type, const std::string& tenant);

  const RecordType& type() const { return type_; }
  const Schema& schema() const { return schema_; }
  const Client& client() const { return client_; }
  // The same records, asked for by somebody else or otherwise.
  Tested With(Client client) const;

  // Where a record of the collection is referred to, it is this one.
  void Use(const std::string& collection, const std::string& name) { used_[collection] = name; }
  // Records with a value in each field, or in each that is required. Records that they must refer
  // to are created the first time.
  Record Full(int seed);
  Record Minimal(int seed);
  // Not every record can be created beside every other one.
  bool HasUniqueField() const;
  // Gives the fields that no two records have in common values that were not used yet.
  void MakeUnique(google::protobuf::Message* record);
  std::string NameFor(const google::protobuf::FieldDescriptor* field);

  RecordAnswer Create(const google::protobuf::Message& record, const Asked& asked = {}) const;
  RecordAnswer Update(const google::protobuf::Message& record, const Asked& asked = {}) const;
  RecordAnswer Get(const std::string& name) const;
  RecordAnswer Get(const record::v1::GetRequest& request) const;
  RecordsAnswer List(const record::v1::ListRequest& request) const;
  // All pages.
  std::vector<std::string> ListAll(const std::string& filter, const std::string& order,
                                   const google::protobuf::Timestamp* read_time = nullptr) const;
  Answer<record::v1::DeleteResponse> Delete(const record::v1::DeleteRequest& request) const;
  Answer<record::v1::DeleteResponse> Delete(const std::string& name) const;
  Answer<record::v1::PreviewDeleteResponse> PreviewDelete(const std::string& name) const;
  RecordAnswer Undelete(const record::v1::NameRequest& request) const;
  RecordAnswer Undelete(const std::string& name) const;
  RecordsAnswer BatchGet(const record::v1::BatchGetRequest& request) const;
  // `items` are bytes of create or update requests.
  RecordsAnswer BatchCreate(const std::vector<std::string>& items,
                            const std::string& request_id = "") const;
  RecordsAnswer BatchUpdate(const std::vector<std::string>& items,
                            const std::string& request_id = "") const;
  Answer<record::v1::HistoryResponse> History(const record::v1::HistoryRequest& request) const;
  std::vector<record::v1::Change> History(const std::string& name) const;
  std::unique_ptr<Stream> Watch(const record::v1::WatchRequest& request) const;

  // Bytes of a create or update request.
  static std::string CreateBytes(const std::string& record, const Asked& asked);
  static std::string UpdateBytes(const std::string& record, const Asked& asked);

  // Hashes over everything that the tenant has.
  std::map<std::string, std::string> Hashes() const;
  std::string Text(const std::string& record, int number) const;
  std::string Name(const std::string& record) const { return Text(record, 1); }
  std::string Etag(const std::string& record) const { return Text(record, 2); }
  // `lead.email` for `email`.
  std::string PathIn(const std::string& field) const { return type_.singular + "." + field; }
  // A text field that can be set to anything, and is not required.
  const google::protobuf::FieldDescriptor* FreeText() const;

 private:
  RecordAnswer One(const std::string& path, const std::string& request) const;
  RecordsAnswer Many(const std::string& path, const std::string& request) const;

  const Schema& schema_;
  const RecordType& type_;
  std::string tenant_;
  Client client_;
  std::map<std::string, std::string> referred_;  // collection -> a record's name
  std::map<std::string, std::string> used_;      // by collection
  int parents_ = 100;                            // seeds of the records that are referred to
  int unique_ = 0;  // seeds of the fields that no two records have in common
};

// A tenant of its own for what is tested with a type.
std::string TenantFor(const std::string& what, const RecordType& type);
// Does the same for each record type, in tenants of its own called `<what>-<collection>`.
void ForEachType(const std::string& what, const std::function<void(Tested&)>& check);

void SetText(google::protobuf::Message* record, const std::string& field, const std::string& text);
google::protobuf::Timestamp TimeIn(const google::protobuf::Message& record,
                                   const std::string& field);

}  // namespace crm::test
