#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "crm/activity/v1/note.pb.h"
#include "crm/activity/v1/task.pb.h"
#include "crm/record/v1/methods.pb.h"
#include "crm/record/v1/verification.pb.h"
#include "crm/sales/v1/lead.pb.h"
#include "tests/server/client.h"

// The standard methods by the type of the record.
namespace crm::test {

using activity::v1::Note;
using activity::v1::Task;
using sales::v1::Lead;

template <class Record>
struct Methods;

template <>
struct Methods<Lead> {
  static constexpr char kService[] = "/crm.sales.v1.Leads/";
  static constexpr char kOne[] = "Lead";
  static constexpr char kMany[] = "Leads";
  using CreateRequest = sales::v1::CreateLeadRequest;
  using UpdateRequest = sales::v1::UpdateLeadRequest;
  using ListResponse = sales::v1::ListLeadsResponse;
  using BatchCreateRequest = sales::v1::BatchCreateLeadsRequest;
  using BatchUpdateRequest = sales::v1::BatchUpdateLeadsRequest;
  using BatchResponse = sales::v1::BatchLeadsResponse;
  using Change = sales::v1::LeadChange;
};

template <>
struct Methods<Note> {
  static constexpr char kService[] = "/crm.activity.v1.Notes/";
  static constexpr char kOne[] = "Note";
  static constexpr char kMany[] = "Notes";
  using CreateRequest = activity::v1::CreateNoteRequest;
  using UpdateRequest = activity::v1::UpdateNoteRequest;
  using ListResponse = activity::v1::ListNotesResponse;
  using BatchCreateRequest = activity::v1::BatchCreateNotesRequest;
  using BatchUpdateRequest = activity::v1::BatchUpdateNotesRequest;
  using BatchResponse = activity::v1::BatchNotesResponse;
  using Change = activity::v1::NoteChange;
};

template <>
struct Methods<Task> {
  static constexpr char kService[] = "/crm.activity.v1.Tasks/";
  static constexpr char kOne[] = "Task";
  static constexpr char kMany[] = "Tasks";
  using CreateRequest = activity::v1::CreateTaskRequest;
  using UpdateRequest = activity::v1::UpdateTaskRequest;
  using ListResponse = activity::v1::ListTasksResponse;
  using BatchCreateRequest = activity::v1::BatchCreateTasksRequest;
  using BatchUpdateRequest = activity::v1::BatchUpdateTasksRequest;
  using BatchResponse = activity::v1::BatchTasksResponse;
  using Change = activity::v1::TaskChange;
};

// `/crm.sales.v1.Leads/CreateLead` for `Create`.
template <class Record>
std::string OneOf(const std::string& verb, const std::string& end = "") {
  return Methods<Record>::kService + verb + Methods<Record>::kOne + end;
}
// `/crm.sales.v1.Leads/ListLeads` for `List`.
template <class Record>
std::string ManyOf(const std::string& verb) {
  return Methods<Record>::kService + verb + Methods<Record>::kMany;
}

// A request whose first field is the record, as in all creates and updates.
template <class Request, class Record>
Request RequestFor(const Record& record) {
  Request request;
  const auto* field = request.GetDescriptor()->FindFieldByNumber(1);
  request.GetReflection()->MutableMessage(&request, field)->CopyFrom(record);
  return request;
}

template <class Record>
Answer<Record> Create(const Client& client, const Record& record,
                      const std::string& request_id = "") {
  auto request = RequestFor<typename Methods<Record>::CreateRequest>(record);
  request.set_request_id(request_id);
  return client.Call<Record>(OneOf<Record>("Create"), request);
}

// `paths`: the update mask; empty: what is set.
template <class Record>
Answer<Record> Update(const Client& client, const Record& record,
                      const std::vector<std::string>& paths = {},
                      const std::string& request_id = "") {
  auto request = RequestFor<typename Methods<Record>::UpdateRequest>(record);
  for (const std::string& path : paths) request.mutable_update_mask()->add_paths(path);
  request.set_request_id(request_id);
  return client.Call<Record>(OneOf<Record>("Update"), request);
}

template <class Record>
Answer<Record> Get(const Client& client, const std::string& name,
                   const google::protobuf::Timestamp* read_time = nullptr) {
  record::v1::GetRequest request;
  request.set_name(name);
  if (read_time != nullptr) *request.mutable_read_time() = *read_time;
  return client.Call<Record>(OneOf<Record>("Get"), request);
}

template <class Record>
Answer<record::v1::DeleteResponse> Delete(const Client& client, const std::string& name,
                                          bool force = false, const std::string& request_id = "") {
  record::v1::DeleteRequest request;
  request.set_name(name);
  request.set_force(force);
  request.set_request_id(request_id);
  return client.Call<record::v1::DeleteResponse>(OneOf<Record>("Delete"), request);
}

template <class Record>
Answer<record::v1::PreviewDeleteResponse> PreviewDelete(const Client& client,
                                                        const std::string& name) {
  record::v1::PreviewDeleteRequest request;
  request.set_name(name);
  return client.Call<record::v1::PreviewDeleteResponse>(OneOf<Record>("PreviewDelete"), request);
}

template <class Record>
Answer<Record> Undelete(const Client& client, const std::string& name,
                        const std::string& request_id = "") {
  record::v1::NameRequest request;
  request.set_name(name);
  request.set_request_id(request_id);
  return client.Call<Record>(OneOf<Record>("Undelete"), request);
}

template <class Record>
Answer<typename Methods<Record>::ListResponse> List(const Client& client,
                                                    const record::v1::ListRequest& request) {
  return client.Call<typename Methods<Record>::ListResponse>(ManyOf<Record>("List"), request);
}

// How many records of the type there are.
template <class Record>
int64_t Count(const Client& client, const std::string& filter = "") {
  record::v1::ListRequest request;
  request.set_filter(filter);
  request.set_page_size(1);
  request.set_with_total_size(true);
  const auto answer = List<Record>(client, request);
  return answer.ok() ? answer.body.total_size() : -1;
}

// All changes of a record, newest first.
template <class Record>
std::vector<record::v1::Change> History(const Client& client, const std::string& name) {
  record::v1::HistoryRequest request;
  request.set_name(name);
  request.set_page_size(1000);
  std::vector<record::v1::Change> changes;
  do {
    const auto answer =
        client.Call<record::v1::HistoryResponse>(OneOf<Record>("List", "History"), request);
    EXPECT_TRUE(answer.ok()) << answer;
    changes.insert(changes.end(), answer.body.changes().begin(), answer.body.changes().end());
    request.set_page_token(answer.body.next_page_token());
  } while (!request.page_token().empty());
  return changes;
}

// Hashes over everything that the tenant has: equal before and after means that nothing was
// written.
std::map<std::string, std::string> Verify(const Client& client);

// Changes of leads, notes and tasks, in their order for each type, as a watch tells them.
struct Changes {
  std::vector<sales::v1::LeadChange> leads;
  std::vector<activity::v1::NoteChange> notes;
  std::vector<activity::v1::TaskChange> tasks;
  size_t size() const { return leads.size() + notes.size() + tasks.size(); }
};
// All after a position (`0`: from the beginning). It marks the end by a lead with a note and a task
// that it creates in the tenant, so it is the last thing that a test does there.
Changes ChangesAfter(const Client& client, const std::string& position);

// A lead with no more than it must have.
Lead NewLead(const std::string& last_name, const std::string& subject = "Interested");
Note NewNote(const std::string& regarding, const std::string& text);
Task NewTask(const std::string& regarding, const std::string& subject);
// Records with a value in every field that a client may set.
Lead FullLead(int seed);
Note FullNote(const std::string& regarding, int seed);
Task FullTask(const std::string& regarding, int seed);

// Field by field; what differs is printed by gtest as text.
bool Equal(const google::protobuf::Message& a, const google::protobuf::Message& b);

}  // namespace crm::test
