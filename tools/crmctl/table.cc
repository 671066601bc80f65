#include "tools/crmctl/table.h"

#include <sys/ioctl.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>
#include <unistd.h>

#include <algorithm>
#include <ostream>

namespace crm::ctl {
namespace {

constexpr int kGap = 2;
constexpr int kNarrowest = 8;  // a column is shortened no further

int WidthOf(UChar32 c) {
  if (c < 0) return 1;  // A byte that is no UTF-8 shows as one sign.
  int8_t type = u_charType(c);
  if (type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK || type == U_FORMAT_CHAR) return 0;
  int wide = u_getIntPropertyValue(c, UCHAR_EAST_ASIAN_WIDTH);
  return wide == U_EA_WIDE || wide == U_EA_FULLWIDTH ? 2 : 1;
}

// Calls back with each character's bytes and its width until it says false.
template <class Each>
void ForEachCharacter(std::string_view utf8, Each each) {
  int32_t at = 0;
  auto length = static_cast<int32_t>(utf8.size());
  while (at < length) {
    int32_t begin = at;
    UChar32 c = 0;
    U8_NEXT(utf8.data(), at, length, c);
    if (!each(utf8.substr(begin, at - begin), c)) return;
  }
}

std::vector<int> Widths(const Table& table) {
  std::vector<int> widths;
  for (const auto& title : table.header) widths.push_back(DisplayWidth(title));
  for (const auto& row : table.rows) {
    for (size_t i = 0; i < row.size() && i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], DisplayWidth(row[i]));
    }
  }
  return widths;
}

void Fit(int width, std::vector<int>* widths) {
  if (width <= 0 || widths->size() < 2) return;
  int sum = kGap * static_cast<int>(widths->size() - 1);
  for (int column : *widths) sum += column;
  while (sum > width) {
    auto widest = std::max_element(widths->begin() + 1, widths->end());
    if (*widest <= kNarrowest) return;
    --*widest;
    --sum;
  }
}

void PrintRow(const std::vector<std::string>& row, const std::vector<int>& widths,
              std::ostream& out) {
  std::string line;
  for (size_t i = 0; i < row.size() && i < widths.size(); ++i) {
    std::string cell = Shortened(row[i], widths[i]);
    line += cell;
    if (i + 1 < row.size()) line.append(widths[i] - DisplayWidth(cell) + kGap, ' ');
  }
  line.erase(line.find_last_not_of(' ') + 1);
  out << line << '\n';
}

}  // namespace

int DisplayWidth(std::string_view utf8) {
  int width = 0;
  ForEachCharacter(utf8, [&](std::string_view, UChar32 c) {
    width += WidthOf(c);
    return true;
  });
  return width;
}

std::string Shortened(std::string_view utf8, int width) {
  if (DisplayWidth(utf8) <= width) return std::string(utf8);
  std::string kept;
  int left = width - 1;
  ForEachCharacter(utf8, [&](std::string_view bytes, UChar32 c) {
    left -= WidthOf(c);
    if (left < 0) return false;
    kept += bytes;
    return true;
  });
  return kept + "…";
}

std::string OneLine(std::string_view utf8) {
  std::string line;
  ForEachCharacter(utf8, [&](std::string_view bytes, UChar32 c) {
    bool space = c >= 0 && (u_iscntrl(c) || c == ' ');
    if (!space) {
      line += bytes;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
    return true;
  });
  return line;
}

void PrintTable(const Table& table, int width, std::ostream& out) {
  std::vector<int> widths = Widths(table);
  Fit(width, &widths);
  PrintRow(table.header, widths, out);
  for (const auto& row : table.rows) PrintRow(row, widths, out);
}

int TerminalWidth() {
  winsize size{};
  if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col;
}

}  // namespace crm::ctl
