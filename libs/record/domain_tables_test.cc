#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "libs/record/built_in.h"
#include "libs/record/catalogue.h"

// The catalogue says what the domain's tables say: libs/record/cascades.csv and states.csv.
namespace crm::record {
namespace {

using Row = std::map<std::string, std::string>;

std::vector<std::string> Cells(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream stream(line);
  for (std::string cell; std::getline(stream, cell, ',');) cells.push_back(cell);
  return cells;
}

std::vector<Row> Table(const std::string& name) {
  std::ifstream file(PROJECT_FOLDER "/libs/record/" + name);
  std::vector<Row> rows;
  std::vector<std::string> names;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    const std::vector<std::string> cells = Cells(line);
    if (names.empty()) {
      names = cells;
      continue;
    }
    Row& row = rows.emplace_back();
    for (size_t i = 0; i < names.size(); ++i) row[names[i]] = i < cells.size() ? cells[i] : "";
  }
  return rows;
}

Row RowOf(const RecordType& parent, const Referrer& referrer) {
  return {{"parent", parent.collection},
          {"child", referrer.from->collection},
          {"field", referrer.field->name},
          {"assign", v1::Cascade_Name(referrer.on_assign)},
          {"delete", v1::Cascade_Name(referrer.on_delete)},
          {"merge", v1::Cascade_Name(referrer.on_merge)},
          {"reparent", referrer.reparent ? "yes" : "no"},
          {"share", v1::Cascade_Name(referrer.on_share)}};
}

const Catalogue& BuiltIn() {
  static const auto built = BuiltInCatalogue();
  return **built;
}

int CodeOf(const OptionSet& options, int number) { return options.Find(number)->option.code(); }

// `lead,0,1,default`: a status by its code, and the code of its state.
std::string Joined(const std::string& type, int state, int status, bool preset) {
  return type + ',' + std::to_string(state) + ',' + std::to_string(status) + ',' +
         (preset ? "default" : "");
}

std::set<std::string> StatesOf(const RecordType& type) {
  std::set<std::string> states;
  const Field& state = *type.message->Find(kState);
  for (const OptionValue& status : type.message->Find(kStatus)->options->values) {
    if (status.number == 0) continue;
    states.insert(Joined(type.singular, CodeOf(*state.options, status.option.of_state()),
                         status.option.code(),
                         type.DefaultStatus(status.option.of_state()) == status.number));
  }
  return states;
}

TEST(States, AreThoseOfTheTable) {
  std::map<std::string, std::set<std::string>> expected;
  for (const Row& row : Table("states.csv"))
    expected[row.at("type")].insert(Joined(row.at("type"), std::stoi(row.at("state")),
                                           std::stoi(row.at("status")),
                                           row.at("preset") == "default"));
  size_t compared = 0;
  for (const RecordType* type : BuiltIn().Types()) {
    if (!expected.contains(type->singular)) continue;
    ++compared;
    EXPECT_EQ(StatesOf(*type), expected.at(type->singular)) << type->singular;
  }
  EXPECT_EQ(compared, expected.size());
}

TEST(Cascades, AreThoseOfTheTable) {
  const Catalogue& catalogue = BuiltIn();
  int compared = 0;
  for (const Row& row : Table("cascades.csv")) {
    const RecordType* parent = catalogue.FindType(row.at("parent"));
    if (parent == nullptr || catalogue.FindType(row.at("child")) == nullptr) continue;
    ++compared;
    Row found;
    for (const Referrer& referrer : parent->referrers) {
      const Row candidate = RowOf(*parent, referrer);
      if (candidate.at("child") == row.at("child") && candidate.at("field") == row.at("field"))
        found = candidate;
    }
    EXPECT_EQ(found, row);
  }
  EXPECT_GE(compared, 55);
}

}  // namespace
}  // namespace crm::record
