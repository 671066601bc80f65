#include <nlohmann/json.hpp>

#include "tools/crmctl/display.h"
#include "tools/crmctl/program.h"
#include "tools/crmctl/text.h"

namespace crm::ctl {
namespace {

using crm::record::v1::Field;

struct Arguments {
  std::string collection;
};

std::string KindOf(const FieldDescriptor* field) {
  std::string kind;
  if (field->is_map()) {
    kind = "map of " + KindOf(field->message_type()->FindFieldByNumber(2));
  } else if (field->message_type()) {
    kind = field->message_type()->name();
  } else if (field->enum_type()) {
    kind = field->enum_type()->name();
  } else {
    kind = field->type_name();
  }
  return field->is_repeated() && !field->is_map() ? "list of " + kind : kind;
}

// What is true of a field, each in a few words.
std::vector<std::string> RulesOf(const FieldDescriptor* field) {
  const Field& options = field->options().GetExtension(crm::record::v1::field);
  std::vector<std::string> rules;
  if (Behaves(field, google::api::REQUIRED)) rules.push_back("required");
  if (Behaves(field, google::api::IDENTIFIER)) rules.push_back("identifier");
  if (Behaves(field, google::api::OUTPUT_ONLY)) rules.push_back("read only");
  if (Behaves(field, google::api::IMMUTABLE)) rules.push_back("fixed once created");
  if (options.recommended()) rules.push_back("recommended");
  if (options.max_length() > 0)
    rules.push_back("at most " + std::to_string(options.max_length()) + " characters");
  if (options.multiline()) rules.push_back("several lines");
  if (options.min() != 0 || options.max() != 0) {
    rules.push_back(std::to_string(options.min()) + " to " + std::to_string(options.max()));
  }
  if (options.format() != crm::record::v1::TEXT)
    rules.push_back(Lower(Format_Name(options.format())));
  if (options.has_reference()) {
    const auto& to = options.reference().to();
    rules.push_back("refers to " + Join({to.begin(), to.end()}, " or "));
  }
  if (options.searchable()) rules.push_back("searchable");
  if (options.personal()) rules.push_back("personal");
  return rules;
}

std::string OptionsOf(const FieldDescriptor* field) {
  std::vector<std::string> names;
  if (!field->enum_type()) return {};
  for (int i = 0; i < field->enum_type()->value_count(); ++i) {
    if (field->enum_type()->value(i)->number() != 0)
      names.push_back(field->enum_type()->value(i)->name());
  }
  return Join(names, " ");
}

nlohmann::ordered_json JsonOf(const RecordType& type) {
  nlohmann::ordered_json json = {
      {"collection", type.collection},
      {"message", type.message->full_name()},
      {"service", type.service->full_name()},
      {"title", type.options.title()},
      {"ownership", crm::record::v1::Record::Ownership_Name(type.options.ownership())}};
  for (const auto& index : type.options.index()) {
    json["indexes"].push_back(std::vector<std::string>(index.by().begin(), index.by().end()));
  }
  for (int i = 0; i < type.message->field_count(); ++i) {
    const FieldDescriptor* field = type.message->field(i);
    nlohmann::ordered_json described = {{"name", field->name()}, {"type", KindOf(field)}};
    if (auto rules = RulesOf(field); !rules.empty()) described["rules"] = rules;
    if (field->enum_type()) described["options"] = Split(OptionsOf(field), ' ');
    json["fields"].push_back(described);
  }
  return json;
}

void PrintType(const RecordType& type) {
  Table table{{"FIELD", "TYPE", "RULES"}, {}};
  for (int i = 0; i < type.message->field_count(); ++i) {
    const FieldDescriptor* field = type.message->field(i);
    std::vector<std::string> rules = RulesOf(field);
    if (field->enum_type()) rules.push_back(OptionsOf(field));
    table.rows.push_back({field->name(), KindOf(field), Join(rules, ", ")});
  }
  PrintTable(table, TerminalWidth(), std::cout);
  Table indexes{{"LISTED BY", "RULES"}, {}};
  for (const auto& index : type.options.index()) {
    std::vector<std::string> rules;
    if (index.unique()) rules.push_back("unique");
    if (index.past()) rules.push_back("also as of a time");
    indexes.rows.push_back({Join({index.by().begin(), index.by().end()}, ", "), Join(rules, ", ")});
  }
  std::cout << '\n';
  PrintTable(indexes, TerminalWidth(), std::cout);
}

int Types(Session& session, Arguments& arguments) {
  session.RefuseAsOf();
  std::map<std::string, RecordType> types = session.schema().types();
  if (!arguments.collection.empty()) {
    const RecordType& type = session.schema().TypeOf(arguments.collection);
    types = {{type.collection, type}};
  }
  if (session.Json()) {
    auto json = nlohmann::ordered_json::array();
    for (const auto& [collection, type] : types) json.push_back(JsonOf(type));
    std::cout << json.dump(1) << '\n';
  } else if (!arguments.collection.empty()) {
    PrintType(types.begin()->second);
  } else {
    Table table{{"COLLECTION", "TITLE", "OWNERSHIP", "FIELDS", "SERVICE"}, {}};
    for (const auto& [collection, type] : types) {
      table.rows.push_back({collection, type.options.title(),
                            crm::record::v1::Record::Ownership_Name(type.options.ownership()),
                            std::to_string(type.message->field_count()),
                            type.service->full_name()});
    }
    PrintTable(table, TerminalWidth(), std::cout);
  }
  return kExitOk;
}

}  // namespace

void AddTypes(Program& program) {
  program.Add<Arguments>(
      &program.app, "types", "Show the record types, or the fields of one with their limits",
      [](CLI::App* command, Arguments& arguments) {
        command->add_option("COLLECTION", arguments.collection, "Which type, such as leads");
      },
      Types);
}

}  // namespace crm::ctl
