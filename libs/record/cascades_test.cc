#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "libs/record/built_in.h"
#include "libs/record/catalogue.h"

// The catalogue does with related records what the domain's table says: libs/record/cascades.csv.
namespace crm::record {
namespace {

using Row = std::map<std::string, std::string>;

std::vector<std::string> Cells(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream stream(line);
  for (std::string cell; std::getline(stream, cell, ',');) cells.push_back(cell);
  return cells;
}

std::vector<Row> Table() {
  std::ifstream file(PROJECT_FOLDER "/libs/record/cascades.csv");
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

TEST(Cascades, AreThoseOfTheTable) {
  static const auto built = BuiltInCatalogue();
  ASSERT_TRUE(built);
  const Catalogue& catalogue = **built;
  int compared = 0;
  for (const Row& row : Table()) {
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
