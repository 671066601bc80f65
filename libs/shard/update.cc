#include <charconv>

#include "libs/record/image.h"
#include "libs/record/spans.h"
#include "libs/shard/authorise.h"
#include "libs/shard/standard.h"

namespace crm::shard {
namespace {

// A status that the mask emptied is the state's default, as of a new record.
std::string WithStatus(const record::RecordType& type, std::string image) {
  auto spans = record::Spans::Read(image);
  const record::Field* status = type.message->Find(record::kStatus);
  if (status == nullptr || type.message->Find(record::kState) == nullptr ||
      spans->Has(record::kStatus))
    return image;
  const int number = type.DefaultStatus(static_cast<int>(spans->Integer(record::kState)));
  return record::ImageEdit(image)
      .SetInteger(record::kStatus, static_cast<uint64_t>(number))
      .Build();
}

// Required fields, and the owner, that the mask emptied, and immutable ones that it changed.
void CheckMasked(const record::RecordType& type, const record::Mask& mask, std::string_view before,
                 std::string_view after, const std::string& prefix,
                 std::vector<record::Violation>* violations) {
  auto old_spans = record::Spans::Read(before);
  auto new_spans = record::Spans::Read(after);
  for (const record::Field& field : type.message->fields) {
    const bool owner = field.number == record::kOwner;
    if (!(field.required || field.immutable || owner) || !mask.Contains(field.number)) continue;
    const record::Span* was = old_spans->Find(field.number);
    const record::Span* is = new_spans->Find(field.number);
    if ((field.required || (owner && was != nullptr)) && is == nullptr) {
      violations->push_back(
          {prefix + field.name, "REQUIRED_FIELD", field.name + " must not be empty."});
    } else if (field.immutable && !record::SameField(was, is)) {
      violations->push_back(
          {prefix + field.name, "IMMUTABLE_FIELD", field.name + " can not be changed."});
    }
  }
}

}  // namespace

uint64_t EtagOf(std::string_view image) {
  const std::string_view text = record::TextIn(image, record::kEtag);
  uint64_t etag = 0;
  std::from_chars(text.data(), text.data() + text.size(), etag);
  return etag;
}

record::Status CheckEtag(const std::string& wanted, std::string_view image,
                         const std::string& name) {
  const std::string current = std::to_string(EtagOf(image));
  if (wanted.empty() || wanted == current) return {};
  return record::MakeStatus(record::kAborted, "VERSION_CONFLICT",
                            name + " has the etag " + current + ", not " + wanted + ".",
                            {{"name", name}, {"current", current}});
}

record::Status Update(const Write& write, Transaction& tx, std::string* image) {
  const record::RecordType& type = *write.type;
  const std::string name = type.collection + "/" + write.id.Text();
  std::optional<std::string> current = tx.Find(type, write.id);
  if (!current && write.allow_missing) return Create(write, tx, image);
  if (!current || current->empty()) return record::NotFound(name);
  record::Status status = Authorise(access::Right::kWrite, type, write.id, *current, tx);
  if (status.code() == record::kOk) status = CheckEtag(write.etag, *current, name);
  if (status.code() != record::kOk) return status;

  if (!type.EditableIn(static_cast<int>(record::IntegerIn(*current, record::kState)))) {
    return record::MakeStatus(record::kFailedPrecondition, "RECORD_INACTIVE",
                              name + " can not be changed in its state.", {{"name", name}});
  }
  std::string merged = write.mask.Merge(write.image, *current);
  std::vector<record::Violation> violations;
  CheckMasked(type, write.mask, *current, merged, write.prefix, &violations);
  if (write.mask.Contains(record::kStatus)) {
    merged = WithStatus(type, std::move(merged));
    CheckState(type, merged, write.prefix, &violations);
  }
  CheckReferences(type, *current, merged, write.prefix, tx, &violations);
  CheckCircles(type, write.id, *current, merged, write.prefix, tx, &violations);
  if (!violations.empty()) return record::InvalidArgument(violations);

  status = AuthoriseUpdate(write, *current, merged, tx);
  if (status.code() == record::kOk) status = Derive(type, *current, write.prefix, tx, &merged);
  if (status.code() != record::kOk) return status;
  if (merged == *current) {
    *image = std::move(*current);
    return {};
  }
  status = tx.Stage(type, write.id, *current, std::move(merged), "updated", EtagOf(*current) + 1);
  if (status.code() == record::kOk) *image = *tx.Find(type, write.id);
  return status;
}

}  // namespace crm::shard
