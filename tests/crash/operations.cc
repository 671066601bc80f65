#include <gtest/gtest.h>

#include "tests/crash/worker.h"
#include "tests/server/filled.h"

// What a worker may do to its records.
namespace crm::test {
namespace {

constexpr int kSeveral = 5;

}  // namespace

// Each has a request id of its own.
Operation Worker::Made(const std::string& path, google::protobuf::Message& request) {
  const auto* id = request.GetDescriptor()->FindFieldByName("request_id");
  request.GetReflection()->SetString(&request, id,
                                     std::to_string(number_) + "-" + std::to_string(++requests_));
  return {path, request.SerializeAsString(), "", {}, {}};
}

Operation Worker::CreateLead() {
  sales::v1::CreateLeadRequest request;
  *request.mutable_lead() = FullLead(Below(1000));
  // Without an id of the client's, only the request id keeps it from being created twice.
  if (Below(2) == 1) request.set_lead_id(NextId());
  Operation operation = Made(OneOf<Lead>("Create"), request);
  if (!request.lead_id().empty()) operation.after["leads/" + request.lead_id()] = {true, 1, ""};
  operation.confirm = [this](Operation& done) {
    Lead lead;
    EXPECT_TRUE(lead.ParseFromString(done.response));
    Keep(lead);
  };
  return operation;
}

Operation Worker::CreateSeveral() {
  sales::v1::BatchCreateLeadsRequest request;
  for (int i = 0; i < kSeveral; ++i) {
    auto* item = request.add_requests();
    *item->mutable_lead() = FullLead(Below(1000));
    item->set_lead_id(NextId());
  }
  Operation operation = Made(ManyOf<Lead>("BatchCreate"), request);
  for (const auto& item : request.requests())
    operation.after["leads/" + item.lead_id()] = {true, 1, ""};
  operation.confirm = [this](Operation& done) {
    sales::v1::BatchLeadsResponse response;
    EXPECT_TRUE(response.ParseFromString(done.response));
    EXPECT_EQ(response.leads_size(), kSeveral);
    for (const Lead& lead : response.leads()) Keep(lead);
  };
  return operation;
}

Operation Worker::CreateNote(const std::string& lead) {
  activity::v1::CreateNoteRequest request;
  *request.mutable_note() = FullNote(lead, Below(1000));
  request.set_note_id(NextId());
  Operation operation = Made(OneOf<Note>("Create"), request);
  operation.after["notes/" + request.note_id()] = {true, 1, ""};
  operation.confirm = [this](Operation& done) {
    Note note;
    EXPECT_TRUE(note.ParseFromString(done.response));
    Keep(note);
  };
  return operation;
}

Operation Worker::UpdateLead(const std::string& lead) {
  sales::v1::UpdateLeadRequest request;
  request.mutable_lead()->set_name(lead);
  request.mutable_lead()->set_company_name("Company " + std::to_string(requests_));
  // Half of them insist on the version that the worker knows.
  if (Below(2) == 1) request.mutable_lead()->set_etag(std::to_string(records_[lead].version));
  Operation operation = Made(OneOf<Lead>("Update"), request);
  operation.after[lead] = {true, records_[lead].version + 1, ""};
  operation.confirm = [this](Operation& done) {
    Lead updated;
    EXPECT_TRUE(updated.ParseFromString(done.response));
    Keep(updated);
  };
  return operation;
}

Operation Worker::UpdateSeveral() {
  sales::v1::BatchUpdateLeadsRequest request;
  std::map<std::string, Expected> after;
  for (int i = 0; i < kSeveral; ++i) {
    const std::string lead = Any([&](const std::string& name) {
      return records_[name].alive && LeadOf(name).state() == Lead::STATE_OPEN &&
             !after.contains(name);
    });
    if (lead.empty()) continue;
    auto* item = request.add_requests();
    item->mutable_lead()->set_name(lead);
    item->mutable_lead()->set_job_title("Title " + std::to_string(requests_));
    after[lead] = {true, records_[lead].version + 1, ""};
  }
  if (after.empty()) return CreateSeveral();
  Operation operation = Made(ManyOf<Lead>("BatchUpdate"), request);
  operation.after = std::move(after);
  operation.confirm = [this](Operation& done) {
    sales::v1::BatchLeadsResponse response;
    EXPECT_TRUE(response.ParseFromString(done.response));
    EXPECT_EQ(static_cast<size_t>(response.leads_size()), done.after.size());
    for (const Lead& lead : response.leads()) Keep(lead);
  };
  return operation;
}

std::map<std::string, Expected> Worker::Tree(const std::string& lead, bool alive) const {
  std::map<std::string, Expected> tree;
  tree[lead] = {alive, records_.at(lead).version + 1, ""};
  if (auto notes = notes_.find(lead); notes != notes_.end()) {
    for (const std::string& note : notes->second)
      tree[note] = {alive, records_.at(note).version + 1, ""};
  }
  return tree;
}

Operation Worker::DeleteLead(const std::string& lead) {
  record::v1::DeleteRequest request;
  request.set_name(lead);
  request.set_force(true);
  Operation operation = Made(OneOf<Lead>("Delete"), request);
  operation.after = Tree(lead, false);
  operation.confirm = [this](Operation& done) {
    record::v1::DeleteResponse response;
    EXPECT_TRUE(response.ParseFromString(done.response));
    EXPECT_EQ(static_cast<size_t>(response.deleted_size()), done.after.size());
    for (const auto& [name, after] : done.after) {
      records_[name].alive = false;
      records_[name].version = after.version;
    }
  };
  return operation;
}

Operation Worker::UndeleteLead(const std::string& lead) {
  record::v1::NameRequest request;
  request.set_name(lead);
  Operation operation = Made(OneOf<Lead>("Undelete"), request);
  operation.after = Tree(lead, true);
  operation.confirm = [this](Operation& done) {
    // What comes back is what went.
    for (const auto& [name, after] : done.after) {
      records_[name].alive = true;
      records_[name].version = after.version;
    }
  };
  return operation;
}

Operation Worker::ChangeState(const std::string& lead) {
  Lead changed = LeadOf(lead);
  const bool open = changed.state() == Lead::STATE_OPEN;
  sales::v1::DisqualifyLeadRequest disqualify;
  disqualify.set_name(lead);
  disqualify.set_comment("Comment " + std::to_string(requests_));
  sales::v1::ReactivateLeadRequest reactivate;
  reactivate.set_name(lead);
  Operation operation = open ? Made(OneOf<Lead>("Disqualify"), disqualify)
                             : Made(OneOf<Lead>("Reactivate"), reactivate);
  changed.set_state(open ? Lead::STATE_DISQUALIFIED : Lead::STATE_OPEN);
  changed.set_status(open ? Lead::STATUS_LOST : Lead::STATUS_NEW);
  if (open) changed.set_disqualify_comment(disqualify.comment());
  operation.after[lead] = {true, records_[lead].version + 1, ""};
  operation.confirm = [this, lead, body = changed.SerializeAsString()](Operation& done) {
    records_[lead] = {true, done.after.at(lead).version, body};
  };
  return operation;
}

Operation Worker::Next() {
  const std::string there = Any([&](const std::string& name) { return records_[name].alive; });
  const std::string gone = Any([&](const std::string& name) { return !records_[name].alive; });
  const int kind = Below(10);
  if (there.empty() || kind < 3) return CreateLead();
  const bool open = LeadOf(there).state() == Lead::STATE_OPEN;
  switch (kind) {
    case 3:
      return CreateSeveral();
    case 4:
      return UpdateSeveral();
    case 5:
      return CreateNote(there);
    case 6:
      return ChangeState(there);
    case 7:
      return DeleteLead(there);
    case 8:
      return gone.empty() ? CreateLead() : UndeleteLead(gone);
    default:
      return open ? UpdateLead(there) : ChangeState(there);
  }
}

}  // namespace crm::test
