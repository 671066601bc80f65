#include "libs/record/mask.h"

#include <algorithm>
#include <span>

#include "libs/record/text.h"
#include "libs/record/wire.h"

namespace crm::record {
namespace {

using Steps = std::vector<Mask::Step>;

// Paths that are quoted back to a client are cut to this.
constexpr size_t kQuoted = 80;
// More than any record type has fields; steps are kept sorted by insertion.
constexpr size_t kMostPaths = 1000;

bool Before(const Mask::Step& a, const Mask::Step& b) {
  return a.number != b.number ? a.number < b.number : a.map_key < b.map_key;
}

// The step in `steps`, new or old. A whole field stands without its parts.
Mask::Step* Enter(const Field& field, std::string_view map_key, bool whole, Steps* steps) {
  Mask::Step step;
  step.number = field.number;
  step.map_key = map_key;
  step.field = &field;
  auto covers = std::find_if(steps->begin(), steps->end(), [&](const Mask::Step& other) {
    return other.number == step.number && other.below.empty() && other.map_key.empty();
  });
  if (covers != steps->end()) return nullptr;
  if (whole && map_key.empty()) {
    std::erase_if(*steps, [&](const Mask::Step& other) { return other.number == step.number; });
  }
  auto at = std::lower_bound(steps->begin(), steps->end(), step, Before);
  if (at == steps->end() || Before(step, *at)) at = steps->insert(at, std::move(step));
  return &*at;
}

bool Exists(const MessageType& type, std::string_view path) {
  const MessageType* message = &type;
  while (true) {
    size_t dot = path.find('.');
    const Field* field = message->Find(path.substr(0, dot));
    if (!field || dot == std::string_view::npos) return field != nullptr;
    path.remove_prefix(dot + 1);
    if (field->map) {
      bool by_text = field->message->Find(uint32_t{1})->kind == Kind::kText;
      return by_text && !path.empty() && path.find('.') == std::string_view::npos;
    }
    if (field->repeated || field->kind != Kind::kMessage) return false;
    message = field->message;
  }
}

// Of a path that exists.
void AddPath(const MessageType& type, std::string_view path, Steps* steps) {
  size_t dot = path.find('.');
  const Field* field = type.Find(path.substr(0, dot));
  if (dot == std::string_view::npos) {
    Enter(*field, {}, true, steps);
  } else if (field->map) {
    Enter(*field, path.substr(dot + 1), false, steps);
  } else if (Mask::Step* step = Enter(*field, {}, false, steps)) {
    AddPath(*field->message, path.substr(dot + 1), &step->below);
  }
}

std::string_view EntryKey(std::string_view entry) {
  WireReader reader(entry);
  return reader.Next() && reader.number() == 1 && reader.type() == WireType::kBytes
             ? reader.payload()
             : std::string_view();
}

// All spans of one field, and the bytes that they make up in a canonical image.
class Groups {
 public:
  explicit Groups(std::string_view image) : reader_(image) { more_ = reader_.Next(); }
  // The bytes of the field with this number; the reader stands behind them afterwards.
  std::string_view Take(uint32_t number) {
    if (!more_ || reader_.number() != number) return {};
    const char* from = reader_.whole().data();
    const char* to = from;
    while (more_ && reader_.number() == number) {
      to = reader_.whole().data() + reader_.whole().size();
      more_ = reader_.Next();
    }
    return {from, static_cast<size_t>(to - from)};
  }
  bool more() const { return more_; }
  uint32_t number() const { return more_ ? reader_.number() : UINT32_MAX; }

 private:
  WireReader reader_;
  bool more_;
};

std::string_view Content(std::string_view field) {
  WireReader reader(field);
  return reader.Next() ? reader.payload() : std::string_view();
}

class Merger {
 public:
  std::string Merge(const MessageType* type, const Steps& steps, std::string_view from,
                    std::string_view onto) {
    std::string out;
    out.reserve(onto.size() + from.size());
    uint64_t given = GivenOneofs(type, steps, from);
    Groups a(from), b(onto);
    auto step = steps.begin();
    while (a.more() || b.more()) {
      uint32_t number = std::min(a.number(), b.number());
      while (step != steps.end() && step->number < number) ++step;
      std::string_view theirs = a.Take(number), ours = b.Take(number);
      auto end = step;
      while (end != steps.end() && end->number == number) ++end;
      // Another member of the same oneof is given.
      if (theirs.empty() && Emptied(type, number, given)) ours = {};
      if (step == end) {
        out += ours;
      } else {
        Field({&*step, static_cast<size_t>(end - step)}, theirs, ours, &out);
      }
      step = end;
    }
    return out;
  }

 private:
  using Range = std::span<const Mask::Step>;

  // The oneofs of which `from` sets a masked member: their other members are emptied.
  static uint64_t GivenOneofs(const MessageType* type, const Steps& steps, std::string_view from) {
    uint64_t given = 0;
    if (!type || !type->oneofs) return given;
    Groups fields(from);
    for (const Mask::Step& step : steps) {
      while (fields.number() < step.number) fields.Take(fields.number());
      if (step.field->oneof >= 0 && fields.number() == step.number)
        given |= uint64_t{1} << (step.field->oneof % 64);
    }
    return given;
  }

  static bool Emptied(const MessageType* type, uint32_t number, uint64_t given) {
    if (given == 0) return false;
    const crm::record::Field* field = type->Find(number);
    return field && field->oneof >= 0 && (given >> (field->oneof % 64) & 1);
  }

  void Field(Range steps, std::string_view theirs, std::string_view ours, std::string* out) {
    const Mask::Step& first = steps[0];
    if (!first.map_key.empty()) return Entries(steps, theirs, ours, out);
    if (first.below.empty()) {
      *out += theirs;
      return;
    }
    std::string_view before = Content(ours);
    std::string merged = Merge(first.field->message, first.below, Content(theirs), before);
    if (merged == before) {
      *out += ours;
    } else if (!merged.empty()) {
      AppendBytesField(first.number, merged, out);
    }
  }

  // Entries by key, from both sides in the order of their keys.
  static void Entries(Range steps, std::string_view theirs, std::string_view ours,
                      std::string* out) {
    auto masked = [&](std::string_view key) {
      auto at = std::lower_bound(
          steps.begin(), steps.end(), key,
          [](const Mask::Step& step, std::string_view wanted) { return step.map_key < wanted; });
      return at != steps.end() && at->map_key == key;
    };
    WireReader a(theirs), b(ours);
    bool more_a = a.Next(), more_b = b.Next();
    while (more_a || more_b) {
      std::string_view key_a = more_a ? EntryKey(a.payload()) : std::string_view();
      std::string_view key_b = more_b ? EntryKey(b.payload()) : std::string_view();
      bool take_a = more_a && (!more_b || key_a <= key_b);
      bool take_b = more_b && (!more_a || key_b <= key_a);
      if (take_a && masked(key_a)) *out += a.whole();
      if (take_b && !masked(key_b)) *out += b.whole();
      if (take_a) more_a = a.Next();
      if (take_b) more_b = b.Next();
    }
  }
};

}  // namespace

Mask Mask::Compile(const MessageType& type, const std::vector<std::string>& paths,
                   std::string_view where, std::vector<Violation>* violations) {
  Mask mask;
  mask.type_ = &type;
  if (paths.size() > kMostPaths) {
    violations->push_back(
        {std::string(where), "OUT_OF_RANGE",
         "at most " + std::to_string(kMostPaths) + " paths, has " + std::to_string(paths.size())});
    return mask;
  }
  for (const std::string& path : paths) {
    if (path == "*") {
      for (const Field& field : type.fields) Enter(field, {}, true, &mask.steps_);
    } else if (Exists(type, path)) {
      AddPath(type, path, &mask.steps_);
    } else {
      violations->push_back(
          {std::string(where), "UNKNOWN_FIELD",
           "there is no field `" + Quote(path, kQuoted) + "` that could be named alone"});
    }
  }
  return mask;
}

Mask Mask::OfImage(const MessageType& type, std::string_view image) {
  Mask mask;
  mask.type_ = &type;
  Groups fields(image);
  while (fields.more()) {
    const Field* field = type.Find(fields.number());
    fields.Take(fields.number());
    if (!field) continue;
    Step step;
    step.number = field->number;
    step.field = field;
    mask.steps_.push_back(std::move(step));
  }
  return mask;
}

bool Mask::Contains(uint32_t number) const {
  auto at =
      std::lower_bound(steps_.begin(), steps_.end(), number,
                       [](const Step& step, uint32_t wanted) { return step.number < wanted; });
  return at != steps_.end() && at->number == number;
}

std::string Mask::Merge(std::string_view from, std::string_view onto) const {
  return Merger().Merge(type_, steps_, from, onto);
}

std::string Mask::Keep(std::string_view image) const {
  // Onto nothing.
  return Merger().Merge(type_, steps_, image, {});
}

}  // namespace crm::record
