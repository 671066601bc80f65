#include "tests/simulation/model.h"

#include <google/protobuf/timestamp.pb.h>

#include "crm/activity/v1/note.pb.h"
#include "crm/activity/v1/task.pb.h"
#include "crm/sales/v1/lead.pb.h"

namespace crm::simulation {

using google::protobuf::Message;

std::string CollectionOf(const std::string& name) { return name.substr(0, name.find('/')); }

std::unique_ptr<Message> ParseRecord(const std::string& collection, const std::string& image) {
  std::unique_ptr<Message> record;
  if (collection == "leads") record = std::make_unique<sales::v1::Lead>();
  if (collection == "notes") record = std::make_unique<activity::v1::Note>();
  if (collection == "tasks") record = std::make_unique<activity::v1::Task>();
  record->ParseFromString(image);
  return record;
}

std::string TextOf(const Message& record, const std::string& field) {
  const auto* declared = record.GetDescriptor()->FindFieldByName(field);
  return declared == nullptr ? "" : record.GetReflection()->GetString(record, declared);
}

int OptionOf(const Message& record, const std::string& field) {
  const auto* declared = record.GetDescriptor()->FindFieldByName(field);
  return declared == nullptr ? 0 : record.GetReflection()->GetEnumValue(record, declared);
}

void SetText(Message* record, const std::string& field, const std::string& text) {
  record->GetReflection()->SetString(record, record->GetDescriptor()->FindFieldByName(field), text);
}

void SetOption(Message* record, const std::string& field, int number) {
  record->GetReflection()->SetEnumValue(record, record->GetDescriptor()->FindFieldByName(field),
                                        number);
}

void SetTime(Message* record, const std::string& field, int64_t time_us) {
  google::protobuf::Timestamp time;
  time.set_seconds(time_us / 1'000'000);
  time.set_nanos(static_cast<int>(time_us % 1'000'000 * 1000));
  record->GetReflection()
      ->MutableMessage(record, record->GetDescriptor()->FindFieldByName(field))
      ->CopyFrom(time);
}

uint64_t EtagOf(const std::string& name, const std::string& image) {
  const std::string etag = TextOf(*ParseRecord(CollectionOf(name), image), "etag");
  return etag.empty() ? 0 : std::stoull(etag);
}

State After(const State& before, const std::string& tenant, const std::vector<Effect>& effects,
            size_t commit) {
  State after = before;
  for (const Effect& effect : effects) {
    auto& record = after[{tenant, effect.name}];
    Record next;
    next.deleted = effect.image.empty();
    next.deleted_in = commit;
    next.image = !next.deleted ? effect.image : record ? record->image : "";
    record = std::make_shared<const Record>(std::move(next));
  }
  return after;
}

Decider::Decider(const Operation& operation, const State& state, int64_t time_us,
                 std::vector<std::string> new_names)
    : operation_(operation), state_(state), time_us_(time_us), new_names_(std::move(new_names)) {}

const Record* Decider::Find(const std::string& name) const {
  if (auto staged = staged_.find(name); staged != staged_.end()) return &staged->second;
  auto known = state_.find({operation_.tenant, name});
  return known == state_.end() ? nullptr : known->second.get();
}

bool Decider::Alive(const std::string& name) const {
  const Record* record = Find(name);
  return record != nullptr && !record->deleted;
}

bool Decider::Refuse(const std::string& reason) {
  decision_ = Decision();
  decision_.reason = reason;
  return false;
}

std::string Decider::TakeNewName(const std::string& collection) {
  while (next_name_ < new_names_.size()) {
    const std::string& name = new_names_[next_name_++];
    if (CollectionOf(name) == collection) return name;
  }
  return collection + "/new-" + std::to_string(next_name_++);
}

void Decider::Stage(const std::string& name, const std::string& event, Message* after,
                    uint64_t etag) {
  SetText(after, "etag", std::to_string(etag));
  SetTime(after, "update_time", time_us_);
  SetText(after, "update_user", operation_.user);
  if (etag == 1) {
    SetText(after, "name", name);
    SetTime(after, "create_time", time_us_);
    SetText(after, "create_user", operation_.user);
  }
  const std::string image = after->SerializeAsString();
  decision_.effects.push_back({name, event, image});
  staged_[name] = {image, false, 0};
}

}  // namespace crm::simulation
