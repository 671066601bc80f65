#include "libs/record/catalogue.h"
#include "libs/record/image.h"
#include "libs/record/spans.h"
#include "libs/shard/behaviour.h"
#include "libs/shard/standard.h"

namespace crm::shard {

std::string WithDefaults(const record::RecordType& type, std::string_view image,
                         const Transaction& tx) {
  auto spans = record::Spans::Read(image);
  record::ImageEdit edit(image);
  for (const record::Field& field : type.message->fields) {
    if (spans->Has(field.number) || field.repeated || field.optional) continue;
    if (field.number == record::kOwner) {
      edit.SetText(record::kOwner, tx.principal().user);
    } else if (field.number == record::kStatus) {
      const record::Field* state = type.message->Find(record::kState);
      if (state != nullptr) {
        edit.SetInteger(record::kStatus,
                        static_cast<uint64_t>(type.DefaultStatus(state->options->default_number)));
      }
    } else if (field.kind == record::Kind::kOption && field.options->default_number != 0) {
      edit.SetInteger(field.number, static_cast<uint64_t>(field.options->default_number));
    }
  }
  return edit.Build();
}

std::string Derived(const record::RecordType& type, std::string image, const Transaction& tx) {
  DeriveFunction derive = tx.behaviours().FindDerive(type.collection);
  if (derive == nullptr) return image;
  Draft draft(image);
  derive(draft);
  return draft.Build();
}

record::Status Create(const Write& write, Transaction& tx, std::string* image) {
  const record::RecordType& type = *write.type;
  const record::Uuid id = write.chosen_id ? write.id : tx.NewId();
  if (write.chosen_id && tx.Find(type, id)) {
    const std::string name = type.collection + "/" + id.Text();
    return record::MakeStatus(record::kAlreadyExists, "ID", name + " exists, or has existed.",
                              {{"name", name}, {"field", write.id_path}});
  }
  std::string record = WithDefaults(type, write.image, tx);
  std::vector<record::Violation> violations;
  CheckState(type, record, write.prefix, &violations);
  CheckReferences(type, "", record, write.prefix, tx, &violations);
  if (!violations.empty()) return record::InvalidArgument(violations);
  record::Status status =
      tx.Stage(type, id, "", Derived(type, std::move(record), tx), "created", 1);
  if (status.code() == record::kOk) *image = *tx.Find(type, id);
  return status;
}

}  // namespace crm::shard
