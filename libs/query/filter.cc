#include "libs/query/filter.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <set>

#include "libs/record/key.h"

namespace crm::query {
namespace {

constexpr size_t kMaxBytes = 4096;
constexpr size_t kMaxTerms = 16;

// Cuts a filter into words, operators and quoted texts.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool AtEnd() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
    return at_ == text_.size();
  }
  std::string_view Word() {
    if (AtEnd()) return {};
    const size_t begin = at_;
    while (at_ < text_.size() && IsWord(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }
  std::optional<Comparison> Operator() {
    if (AtEnd()) return std::nullopt;
    const char first = text_[at_];
    if (first != '=' && first != '<' && first != '>') return std::nullopt;
    ++at_;
    const bool or_equal = first != '=' && at_ < text_.size() && text_[at_] == '=';
    if (or_equal) ++at_;
    if (first == '=') return Comparison::kEqual;
    if (first == '<') return or_equal ? Comparison::kLessOrEqual : Comparison::kLess;
    return or_equal ? Comparison::kGreaterOrEqual : Comparison::kGreater;
  }
  std::optional<std::string> Value() {
    if (AtEnd()) return std::nullopt;
    if (text_[at_] != '"') {
      std::string_view word = Word();
      return word.empty() ? std::nullopt : std::optional<std::string>(word);
    }
    std::string value;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '"') {
        ++at_;
        return value;
      }
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      value.push_back(text_[at_]);
    }
    return std::nullopt;
  }

 private:
  static bool IsWord(char letter) {
    return std::isalnum(static_cast<unsigned char>(letter)) != 0 ||
           std::string_view(".-:+_/@").find(letter) != std::string_view::npos;
  }
  std::string_view text_;
  size_t at_ = 0;
};

std::optional<record::FieldPath> FindPath(const record::RecordType& type, std::string_view path) {
  record::FieldPath fields;
  const record::MessageType* message = type.message;
  while (true) {
    const size_t dot = path.find('.');
    const record::Field* field = message == nullptr ? nullptr : message->Find(path.substr(0, dot));
    if (field == nullptr || field->repeated) return std::nullopt;
    fields.push_back(field);
    if (dot == std::string_view::npos) return fields;
    message = field->kind == record::Kind::kMessage ? field->message : nullptr;
    path = path.substr(dot + 1);
  }
}

void Fault(const std::string& field, std::string_view reason, std::string text,
           std::vector<record::Violation>* violations) {
  violations->push_back({field, std::string(reason), std::move(text)});
}

// `: STATE_OPEN, STATE_WON …` of a field with few options; else empty.
std::string OptionsOf(const record::Field& field) {
  constexpr size_t kMostListed = 12;
  if (field.options == nullptr || field.options->values.size() > kMostListed) return "";
  std::string listed;
  for (const record::OptionValue& value : field.options->values) {
    if (value.number != 0) listed += (listed.empty() ? ": " : ", ") + value.name;
  }
  return listed;
}

// One term; false when what follows can not be read any more.
bool ParseTerm(const record::RecordType& type, Scanner& scanner, std::vector<Term>* terms,
               std::vector<record::Violation>* violations) {
  const std::string name(scanner.Word());
  auto comparison = scanner.Operator();
  auto value = comparison ? scanner.Value() : std::nullopt;
  if (name.empty() || !value) {
    Fault("filter", "INVALID_FILTER",
          "Expected: path, one of = < <= > >=, value; near '" + name + "'.", violations);
    return false;
  }
  auto path = FindPath(type, name);
  if (!path) {
    Fault("filter", "UNKNOWN_FIELD", type.collection + " have no field " + name + " to filter by.",
          violations);
    return true;
  }
  auto encoded = record::EncodeValue(*path->back(), *value);
  if (!encoded) {
    Fault("filter", "INVALID_VALUE",
          "'" + *value + "' is no value of " + name + OptionsOf(*path->back()) + ".", violations);
    return true;
  }
  terms->push_back({std::move(*path), name, *comparison, std::move(*encoded)});
  return true;
}

// Beside an equality another condition on the field says nothing, or leaves nothing.
void CheckConditions(const std::vector<Term>& terms, std::vector<record::Violation>* violations) {
  std::set<std::string> told;
  for (const Term& equal : terms) {
    if (equal.comparison != Comparison::kEqual) continue;
    const auto on_it = std::count_if(terms.begin(), terms.end(),
                                     [&](const Term& other) { return other.path == equal.path; });
    if (on_it == 1 || !told.insert(equal.name).second) continue;
    Fault("filter", "INVALID_FILTER",
          equal.name + " has more than one condition: there is no other beside an equality.",
          violations);
  }
}

}  // namespace

std::vector<Term> ParseFilter(const record::RecordType& type, std::string_view filter,
                              std::vector<record::Violation>* violations) {
  std::vector<Term> terms;
  if (filter.size() > kMaxBytes) {
    Fault("filter", "TOO_LONG", "A filter has at most 4096 bytes.", violations);
    return terms;
  }
  Scanner scanner(filter);
  while (!scanner.AtEnd()) {
    if (!ParseTerm(type, scanner, &terms, violations) || scanner.AtEnd()) break;
    if (terms.size() >= kMaxTerms || violations->size() >= kMaxTerms) {
      Fault("filter", "TOO_LONG", "A filter has at most 16 terms.", violations);
      break;
    }
    if (scanner.Word() != "AND") {
      Fault("filter", "INVALID_FILTER", "Expected AND between two terms.", violations);
      break;
    }
    if (scanner.AtEnd())
      Fault("filter", "INVALID_FILTER", "Expected a term after AND.", violations);
  }
  CheckConditions(terms, violations);
  return terms;
}

std::vector<OrderField> ParseOrder(const record::RecordType& type, std::string_view order,
                                   std::vector<record::Violation>* violations) {
  std::vector<OrderField> fields;
  while (!order.empty()) {
    const size_t comma = order.find(',');
    Scanner scanner(order.substr(0, comma));
    order = comma == std::string_view::npos ? "" : order.substr(comma + 1);
    const std::string name(scanner.Word());
    const std::string direction(scanner.Word());
    auto path = FindPath(type, name);
    if (!path) {
      Fault("order_by", "INVALID_ORDER", "'" + name + "' is no field to order by.", violations);
    } else if (!direction.empty() && direction != "asc" && direction != "desc") {
      Fault("order_by", "INVALID_ORDER", "'" + direction + "' is neither asc nor desc.",
            violations);
    } else if (!scanner.AtEnd()) {
      Fault("order_by", "INVALID_ORDER",
            "Expected a comma after " + (direction.empty() ? name : direction) + ".", violations);
    } else {
      fields.push_back({std::move(*path), name, direction == "desc"});
    }
    if (comma != std::string_view::npos && order.empty())
      Fault("order_by", "INVALID_ORDER", "Expected a path after the comma.", violations);
  }
  return fields;
}

}  // namespace crm::query
