#include "libs/record/catalogue.h"
#include "libs/record/image.h"
#include "libs/record/spans.h"
#include "libs/shard/authorise.h"
#include "libs/shard/behaviour.h"
#include "libs/shard/standard.h"

namespace crm::shard {

std::string WithDefaults(const record::RecordType& type, std::string_view image,
                         const Transaction& tx) {
  auto spans = record::Spans::Read(image);
  record::ImageEdit edit(image);
  for (const record::Field* field : type.defaulted) {
    if (spans->Has(field->number)) continue;
    if (field->number == record::kOwner) {
      edit.SetText(record::kOwner, tx.principal().user);
    } else if (field->number == record::kStatus) {
      const record::Field* state = type.message->Find(record::kState);
      if (state != nullptr) {
        edit.SetInteger(record::kStatus,
                        static_cast<uint64_t>(type.DefaultStatus(state->options->default_number)));
      }
    } else {
      edit.SetInteger(field->number, static_cast<uint64_t>(field->options->default_number));
    }
  }
  return edit.Build();
}

record::Status Derive(const record::RecordType& type, std::string_view before,
                      const std::string& prefix, const Transaction& tx, std::string* image) {
  Draft draft(before, *image, tx.time());
  if (DeriveFunction derive = tx.behaviours().FindDerive(type.collection)) {
    if (auto refusal = derive(draft, tx)) {
      if (!refusal->field.empty()) refusal->field = prefix + refusal->field;
      return tx.StatusOf(*refusal);
    }
  }
  record::Status status = SetBaseAmounts(type, prefix, tx, &draft);
  if (status.code() == record::kOk && draft.edited()) *image = draft.Build();
  return status;
}

record::Status Create(const Write& write, Transaction& tx, std::string* image) {
  const record::RecordType& type = *write.type;
  const record::Uuid id = write.chosen_id ? write.id : tx.NewRecordId(type);
  if (write.chosen_id && tx.Find(type, id)) {
    const std::string name = type.collection + "/" + id.Text();
    return record::MakeStatus(record::kAlreadyExists, "ID", name + " exists, or has existed.",
                              {{"name", name}, {"field", write.id_path}});
  }
  std::string record = WithDefaults(type, write.image, tx);
  std::vector<record::Violation> violations;
  CheckCircles(type, id, "", record, write.prefix, tx, &violations);
  if (!violations.empty()) return record::InvalidArgument(violations);
  CheckState(type, record, write.prefix, &violations);
  CheckReferences(type, "", record, write.prefix, tx, &violations);
  if (!violations.empty()) return record::InvalidArgument(violations);
  record::Status status = AuthoriseCreation(write, id, record, tx);
  if (status.code() == record::kOk) status = Derive(type, "", write.prefix, tx, &record);
  if (status.code() != record::kOk) return status;
  status = tx.Stage(type, id, "", std::move(record), "created", 1);
  if (status.code() != record::kOk) return status;
  *image = *tx.Find(type, id);
  if (AccompanyFunction accompany = tx.behaviours().FindAccompany(type.collection)) {
    if (auto refusal = accompany(*image, tx)) return tx.StatusOf(*refusal);
  }
  return status;
}

}  // namespace crm::shard
