#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

// Texts in columns, for people.
namespace crm::ctl {

// How many columns of a terminal a text takes: wide characters two, combining marks none.
int DisplayWidth(std::string_view utf8);

// At most `width` columns, the last one an ellipsis if something was left out.
std::string Shortened(std::string_view utf8, int width);

// White space and control characters, which would break a line or move the cursor, as one space.
std::string OneLine(std::string_view utf8);

struct Table {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
};

// `width`: of the terminal; 0: as wide as it gets. Columns are shortened, widest first, but the
// first one never, which holds names that people copy.
void PrintTable(const Table& table, int width, std::ostream& out);

// Of standard output; 0: it is no terminal.
int TerminalWidth();

}  // namespace crm::ctl
