#include <algorithm>
#include <optional>

#include "crm/record/v1/value.pb.h"
#include "libs/record/name.h"
#include "libs/record/spans.h"
#include "libs/shard/authorise.h"
#include "libs/shard/moving.h"
#include "libs/shard/standard.h"

namespace crm::shard {
namespace {

bool Lists(const record::Field& field, std::string_view collection) {
  const auto& collections = field.annotation.reference().to();
  return std::find(collections.begin(), collections.end(), collection) != collections.end();
}

bool MayReferTo(const record::RecordType& from, const record::Field& field,
                const record::RecordType& to) {
  if (Lists(field, to.collection)) return true;
  return std::any_of(to.referrers.begin(), to.referrers.end(),
                     [&](const record::Referrer& referrer) {
                       return referrer.from == &from && referrer.field == &field;
                     });
}

// What is wrong with a reference; nullopt: nothing. `field`: null for a tenant's own field, which
// may name a record of any type.
std::optional<std::string> ProblemOf(const record::RecordType& type, const record::Field* field,
                                     std::string_view text, const Transaction& tx) {
  auto name = record::Name::Parse(text);
  if (!name) return std::string(text) + " is no record's name.";
  const record::RecordType* to = tx.catalogue().FindType(name->collection);
  // Records of other services are known by their form only.
  if (to == nullptr || (field == nullptr && to->annotation.internal())) {
    if (field != nullptr && Lists(*field, name->collection)) return std::nullopt;
    return "There is no record type " + std::string(name->collection) + ".";
  }
  if (field != nullptr && !MayReferTo(type, *field, *to))
    return field->name + " can not name one of " + to->collection + ".";
  // Those of services that nothing is kept of here, too.
  if (tx.IsAnnounced(text) || !tx.Knows(*to)) return std::nullopt;
  auto image = tx.Find(*to, name->id);
  if (image && !image->empty() && MayRead(*to, name->id, *image, tx)) return std::nullopt;
  return std::string(text) + " does not exist.";
}

// Where a reference stands; written out only when there is something to tell about it.
struct Place {
  const Place* above = nullptr;
  const record::Field* field = nullptr;
  size_t position = 0;        // in a list
  std::string_view key = {};  // of a tenant's own field

  std::string Path(const std::string& prefix) const {
    std::string path = (above == nullptr ? prefix : above->Path(prefix) + ".") + field->name;
    if (!key.empty()) return path + "." + std::string(key) + ".reference";
    return field->repeated ? path + "[" + std::to_string(position) + "]" : path;
  }
};

// Calls `visit` with each reference of a record, those in its parts and lists too, and its place.
template <class Visit>
void WalkDeclared(const record::MessageType& message, const record::Spans& spans,
                  const Place* above, const Visit& visit) {
  for (const record::Field* field : message.references) {
    Place place{above, field};
    for (const record::Span& span : spans.All(field->number)) {
      if (field->kind == record::Kind::kMessage) {
        WalkDeclared(*field->message, *record::Spans::Read(span.payload), &place, visit);
      } else if (!span.payload.empty()) {
        visit(field, span.payload, place);
      }
      ++place.position;
    }
  }
}

// The same with those in a tenant's own fields.
template <class Visit>
void Walk(const record::MessageType& message, std::string_view image, const Visit& visit) {
  auto spans = record::Spans::Read(image);
  WalkDeclared(message, *spans, nullptr, visit);
  for (const uint32_t number : {record::kCustom, record::kCustomPersonal}) {
    for (const record::Span& span : spans->All(number)) {
      auto entry = record::Spans::Read(span.payload);
      auto value = record::Spans::Read(entry->Text(2));
      const std::string_view text = value->Text(record::v1::Value::kReferenceFieldNumber);
      if (text.empty()) continue;
      visit(nullptr, text, Place{nullptr, message.Find(number), 0, entry->Text(1)});
    }
  }
}

}  // namespace

void CheckState(const record::RecordType& type, std::string_view image, const std::string& prefix,
                std::vector<record::Violation>* violations) {
  const record::Field* status = type.message->Find(record::kStatus);
  const record::Field* state = type.message->Find(record::kState);
  if (status == nullptr || state == nullptr || status->options == nullptr) return;
  const int state_number = static_cast<int>(record::IntegerIn(image, record::kState));
  const record::OptionValue* value =
      status->options->Find(static_cast<int>(record::IntegerIn(image, record::kStatus)));
  if (value != nullptr && value->option.of_state() == state_number) return;
  const record::OptionValue* state_value = state->options->Find(state_number);
  violations->push_back(
      {prefix + status->name, "INVALID_TRANSITION",
       (value == nullptr ? std::string("No status") : value->name) + " is no status of " +
           (state_value == nullptr ? "the record's state" : state_value->name) + "."});
}

void CheckReferences(const record::RecordType& type, std::string_view before,
                     std::string_view after, const std::string& prefix, const Transaction& tx,
                     std::vector<record::Violation>* violations) {
  std::vector<std::string_view> known;
  Walk(*type.message, before,
       [&](const record::Field*, std::string_view text, const Place&) { known.push_back(text); });
  std::sort(known.begin(), known.end());
  Walk(*type.message, after,
       [&](const record::Field* field, std::string_view text, const Place& place) {
         if (std::binary_search(known.begin(), known.end(), text)) return;
         auto problem = ProblemOf(type, field, text, tx);
         if (problem)
           violations->push_back({place.Path(prefix), "BAD_REFERENCE", std::move(*problem)});
       });
}

std::optional<bool> ClosesCircle(const record::RecordType& type, const record::Field& field,
                                 const record::Uuid& id, std::string_view reference,
                                 const Transaction& tx) {
  constexpr int kMostSteps = 1'000;
  std::string next(reference);
  for (int step = 0; step < kMostSteps; ++step) {
    auto name = record::Name::Parse(next);
    if (!name || name->collection != type.collection) return false;
    if (name->id == id) return true;
    auto image = tx.FindHidden(type, name->id);
    if (!image || image->empty()) return false;
    const auto spans = record::Spans::Read(*image);
    // What still hangs on one that is being merged is about to hang on its master.
    const bool merging = IsMoving(type, *image) && spans->Has(type.Find("merged")->number);
    next = std::string(spans->Text(merging ? type.Find("master")->number : field.number));
  }
  return std::nullopt;
}

void CheckCircles(const record::RecordType& type, const record::Uuid& id, std::string_view before,
                  std::string_view after, const std::string& prefix, const Transaction& tx,
                  std::vector<record::Violation>* violations) {
  if (type.acyclic.empty()) return;
  auto old_spans = record::Spans::Read(before);
  auto spans = record::Spans::Read(after);
  for (const record::Field* field : type.acyclic) {
    const std::string_view reference = spans->Text(field->number);
    if (reference.empty() || reference == old_spans->Text(field->number)) continue;
    const std::optional<bool> closes = ClosesCircle(type, *field, id, reference, tx);
    if (closes && !*closes) continue;
    violations->push_back({prefix + field->name, "CYCLE",
                           closes ? std::string(reference) + " leads back to the record itself."
                                  : std::string(reference) + " has too many above itself."});
  }
}

}  // namespace crm::shard
