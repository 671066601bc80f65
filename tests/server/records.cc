#include "tests/server/records.h"

#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "crm/sales/v1/event.pb.h"
#include "tests/server/filled.h"

namespace crm::test {
namespace {

// Reads a watch until the creation of the record that marks the end.
template <class Record>
std::vector<typename Methods<Record>::Change> ReadUntil(const Client& client,
                                                        const std::string& position,
                                                        const std::string& last) {
  record::v1::WatchRequest request;
  request.set_position(position);
  auto stream = client.Open(ManyOf<Record>("Watch"), request);
  std::vector<typename Methods<Record>::Change> changes;
  typename Methods<Record>::Change change;
  while (stream->Next(&change)) {
    if (change.change().name() == last) return changes;
    changes.push_back(change);
  }
  ADD_FAILURE() << "the watch ended early: " << stream->Finish();
  return changes;
}

// References to types that are served need records that exist.
std::string NameOfOtherService(const google::protobuf::FieldDescriptor* field) {
  const std::string name = NameElsewhere(field);
  const auto* events = sales::v1::Event::descriptor();
  for (int i = 0; i < events->field_count(); ++i) {
    const auto& declared =
        events->field(i)->message_type()->options().GetExtension(record::v1::record);
    if (!declared.collection().empty() && name.starts_with(declared.collection() + "/")) return "";
  }
  return name.starts_with("*") ? "" : name;
}

}  // namespace

std::map<std::string, std::string> Verify(const Client& client) {
  const auto answer = client.Call<record::v1::VerifyResponse>("/crm.record.v1.Verification/Verify",
                                                              record::v1::VerifyRequest());
  EXPECT_TRUE(answer.ok()) << answer;
  return {answer.body.hashes().begin(), answer.body.hashes().end()};
}

Changes ChangesAfter(const Client& client, const std::string& position) {
  const auto lead = Create(client, NewLead("Last"));
  const auto note = Create(client, NewNote(lead.body.name(), "Last"));
  const auto task = Create(client, NewTask(lead.body.name(), "Last"));
  EXPECT_TRUE(lead.ok() && note.ok() && task.ok()) << lead << note << task;
  return {ReadUntil<Lead>(client, position, lead.body.name()),
          ReadUntil<Note>(client, position, note.body.name()),
          ReadUntil<Task>(client, position, task.body.name())};
}

Lead NewLead(const std::string& last_name, const std::string& subject) {
  Lead lead;
  lead.set_subject(subject);
  lead.set_last_name(last_name);
  return lead;
}

Note NewNote(const std::string& regarding, const std::string& text) {
  Note note;
  note.set_regarding(regarding);
  note.set_text(text);
  return note;
}

Task NewTask(const std::string& regarding, const std::string& subject) {
  Task task;
  task.set_regarding(regarding);
  task.set_subject(subject);
  return task;
}

Lead FullLead(int seed) {
  Lead lead;
  Fill(&lead, seed, NameOfOtherService);
  return lead;
}

Note FullNote(const std::string& regarding, int seed) {
  Note note;
  Fill(&note, seed, NameOfOtherService);
  note.set_regarding(regarding);
  return note;
}

Task FullTask(const std::string& regarding, int seed) {
  Task task;
  Fill(&task, seed, NameOfOtherService);
  task.set_regarding(regarding);
  return task;
}

bool Equal(const google::protobuf::Message& a, const google::protobuf::Message& b) {
  google::protobuf::util::MessageDifferencer differencer;
  std::string difference;
  differencer.ReportDifferencesToString(&difference);
  if (differencer.Compare(a, b)) return true;
  ADD_FAILURE() << difference;
  return false;
}

}  // namespace crm::test
