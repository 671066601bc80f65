#include <algorithm>
#include <set>

#include "libs/record/catalogue_tables.h"

namespace crm::record {
namespace {

struct Standard {
  uint32_t number;
  std::string_view name;
  Kind kind;
  bool repeated;
  bool output_only;
  bool always;  // every record type has it
};

constexpr Standard kStandard[] = {
    {kName, "name", Kind::kText, false, false, true},
    {kEtag, "etag", Kind::kText, false, true, true},
    {kCreateTime, "create_time", Kind::kTime, false, true, true},
    {kUpdateTime, "update_time", Kind::kTime, false, true, true},
    {kCreateUser, "create_user", Kind::kText, false, true, true},
    {kUpdateUser, "update_user", Kind::kText, false, true, true},
    {kOwner, "owner", Kind::kReference, false, false, false},
    {kState, "state", Kind::kOption, false, true, false},
    {kStatus, "status", Kind::kOption, false, false, false},
    {kRegarding, "regarding", Kind::kReference, false, false, false},
    {kDeleteTime, "delete_time", Kind::kTime, false, true, false},
    {kExchangeRate, "exchange_rate", Kind::kText, false, true, false},
    {kPermissions, "permissions", Kind::kText, true, true, true},
    {kSecuredFields, "secured_fields", Kind::kText, true, true, true},
    {kCustom, "custom", Kind::kMessage, true, false, true},
    {kCustomPersonal, "custom_personal", Kind::kMessage, true, false, false},
};

class TypeCheck {
 public:
  TypeCheck(const RecordType& type, const CatalogueTables& tables, Problems* problems)
      : type_(type), tables_(tables), problems_(problems) {}

  void Run() {
    CheckStandardFields();
    CheckPersonalFields();
    CheckTexts();
    CheckTitle();
    CheckStates();
    CheckCarries();
    CheckReferences();
    CheckPaths();
    CheckMethods();
  }

 private:
  void Expect(bool holds, std::string_view field, std::string_view rule) {
    if (holds) return;
    problems_->push_back(type_.message->full_name + "." + std::string(field) + ": " +
                         std::string(rule));
  }

  void CheckStandardFields() {
    for (const Standard& standard : kStandard) {
      const Field* field = type_.message->Find(standard.number);
      if (!field) {
        Expect(!standard.always, standard.name, "every record type has this field");
        Expect(!type_.Find(standard.name), standard.name, "has another number");
        continue;
      }
      Expect(field->name == standard.name, field->name, "has the number of a standard field");
      Expect(field->kind == standard.kind && field->repeated == standard.repeated, field->name,
             "is not of the standard type");
      Expect(field->output_only == standard.output_only, field->name,
             "is output-only, or not, as the standard says");
    }
    const Field* name = type_.message->Find(kName);
    Expect(name && name->identifier, "name", "is the identifier");
    Expect(type_.annotation.ownership() != v1::Record::USER || type_.message->Find(kOwner), "owner",
           "records that a user owns have an owner");
    Expect(type_.annotation.ownership() != v1::Record::OWNERSHIP_UNSPECIFIED, "",
           "says who owns its records");
  }

  void CheckPersonalFields() {
    for (const Field& field : type_.message->fields) {
      Expect(field.annotation.personal() == (field.number >= kFirstPersonal), field.name,
             "personal fields, and only they, are numbered from 200");
    }
  }

  void CheckTexts() {
    for (const Field& field : type_.message->fields) {
      const bool any = field.kind == Kind::kText && field.annotation.format() == v1::TEXT;
      Expect(any || !field.annotation.multiline(), field.name,
             "only texts of no other form are multiline");
    }
  }

  void CheckTitle() {
    Expect(type_.title && type_.title->kind == Kind::kText && !type_.title->repeated,
           type_.annotation.title(), "the title is a text field");
    const std::string& collection = type_.collection;
    bool lower = !collection.empty() && collection[0] >= 'a' && collection[0] <= 'z' &&
                 std::all_of(collection.begin(), collection.end(), [](char c) {
                   return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
                 });
    Expect(lower, collection, "a collection is written in lower_snake_case");
  }

  void CheckStates() {
    const Field* state = type_.message->Find(kState);
    const Field* status = type_.message->Find(kStatus);
    Expect(!state == !status, "status", "a type has both a state and a status, or none of them");
    if (state && state->options && status && status->options) {
      std::set<int> with_default;
      for (const OptionValue& value : status->options->values) {
        int of_state = value.option.of_state();
        if (value.number == 0) continue;
        Expect(of_state != 0 && state->options->Find(of_state), value.name, "belongs to no state");
        if (value.option.default_())
          Expect(with_default.insert(of_state).second, value.name, "is a second default");
      }
    }
    for (const std::string& name : type_.annotation.editable_in()) {
      Expect(state && state->options && state->options->Find(name), name,
             "editable_in names a state");
    }
  }

  void CheckCarries() {
    for (const v1::Carries& carries : type_.annotation.carries()) {
      for (const std::string& collection : carries.types()) {
        auto at = tables_.by_collection.find(collection);
        Expect(at != tables_.by_collection.end() && at->second->message->Find(kRegarding),
               collection, "a carried type is in the catalogue and has the field regarding");
        ExpectCascades(carries, collection);
      }
    }
  }

  // Emptying a reference and forbidding belong to deleting; a merge moves all or none.
  template <class Declared>
  void ExpectCascades(const Declared& declared, std::string_view where) {
    for (v1::Cascade cascade : {declared.assign(), declared.share()}) {
      Expect(cascade != v1::UNLINK && cascade != v1::RESTRICT, where,
             "assign and share neither unlink nor restrict");
    }
    const v1::Cascade merge = declared.merge();
    Expect(merge == v1::BY_PRESET || merge == v1::ALL || merge == v1::NONE, where,
           "merge is ALL or NONE");
  }

  void CheckReferences() {
    for (const Field& field : type_.message->fields) {
      if (field.kind != Kind::kReference) continue;
      const v1::Reference& reference = field.annotation.reference();
      ExpectCascades(reference, field.name);
      if (!reference.acyclic()) continue;
      const auto& to = reference.to();
      Expect(!field.repeated && std::find(to.begin(), to.end(), type_.collection) != to.end(),
             field.name, "acyclic is for a single reference to the record's own type");
    }
  }

  void CheckPaths() {
    for (const std::string& path : type_.annotation.wake()) {
      const Field* found = type_.message->Find(path);
      Expect(found && found->kind == Kind::kTime && !found->repeated, path, "wake names a time");
    }
    for (const v1::RollUp& roll_up : type_.annotation.roll_up()) {
      for (const std::string& by : roll_up.by()) {
        Expect(!FindPath(*type_.message, by.substr(0, by.find(':'))).empty(), by,
               "roll_up names a field");
      }
      for (const std::string& sum : roll_up.sum()) {
        FieldPath found = FindPath(*type_.message, sum);
        Kind kind = found.empty() ? Kind::kText : found.back()->kind;
        Expect(kind == Kind::kInteger || kind == Kind::kNumber || kind == Kind::kMoney, sum,
               "roll_up sums numbers and money");
      }
    }
    for (const Field& field : type_.message->fields) {
      if (field.annotation.base_of().empty()) continue;
      const Field* amount = type_.Find(field.annotation.base_of());
      Expect(amount && amount->kind == Kind::kMoney && field.kind == Kind::kMoney, field.name,
             "base_of names a money field");
    }
  }

  void CheckMethods() {
    constexpr int kStandardMethods = 12;
    std::set<MethodKind> kinds;
    for (const auto& [path, method] : tables_.methods) {
      if (method->type == &type_ && method->kind != MethodKind::kCommand)
        kinds.insert(method->kind);
    }
    Expect(kinds.size() == kStandardMethods || type_.annotation.internal(), "",
           "has not all standard methods: " + std::to_string(kinds.size()) + " of " +
               std::to_string(kStandardMethods));
  }

  const RecordType& type_;
  const CatalogueTables& tables_;
  Problems* problems_;
};

}  // namespace

void CheckType(const RecordType& type, const CatalogueTables& tables, Problems* problems) {
  TypeCheck(type, tables, problems).Run();
}

}  // namespace crm::record
