#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "libs/record/catalogue.h"

// What a store's rows were built from, part by part, as `meta` keeps it:
//
//   layout := "format " number "\n" "keys " text "\n" "kept " text "\n" type* index*
//   type   := "type " number " " indexes " " slots " " message name "\n"
//   index  := "index " type " " number " " slot " " ("ready" | "building") " " declaration "\n"
//
// An index has a number of its own in the keys, which is not used again for another one when it is
// gone; `indexes` is how many were used, `slots` how many sinces stand before a record's image.
// The first line stays as it is in every format.
namespace crm::store {

// Raised whenever this library writes other bytes for the same events.
inline constexpr int kFormat = 6;

// Which rows there are, besides what the catalogue says.
struct Kept {
  std::string text;
  std::set<uint16_t> replicated;  // record types of other services that the store has copies of
};

struct Layout {
  struct Type {
    std::string message;
    uint16_t indexes = 0;
    uint8_t slots = 0;
  };
  struct Part {
    uint16_t type = 0;
    uint16_t number = 0;
    int slot = -1;  // of the index's since; -1: it is not kept for past moments
    bool building = false;
    std::string declaration;
  };
  int format = kFormat;
  std::string keys;  // what encodes values: the grammar and ICU's version
  std::string kept;  // Kept::text
  std::map<uint16_t, Type> types;
  std::vector<Part> parts;

  // Of a store that is built anew.
  static Layout Of(const record::Catalogue& catalogue, const Kept& kept);
  std::string Encode() const;
  static std::optional<Layout> Decode(std::string_view text);
};

// What is to be done with a store that was built by another release.
struct LayoutChange {
  enum class Kind {
    kNone,
    kParts,    // some indexes are to be built, others to be removed: `after`, `removed`
    kWhole,    // built anew from the log
    kRefused,  // a newer release wrote it
  };
  Kind kind = Kind::kNone;
  std::string why;  // of kWhole and kRefused
  Layout after;
  std::vector<Layout::Part> removed;
};
// `passed_over`: some events in its log belonged to no record type when they were applied.
LayoutChange ChangeOf(std::string_view layout, const record::Catalogue& catalogue, const Kept& kept,
                      bool passed_over);

// Where each of a record type's indexes is in the tables.
class Places {
 public:
  struct Place {
    uint16_t number = 0;
    int slot = -1;
    bool building = false;
    std::string built_up_to;  // while it is being built: it has the records before this key
    bool Has(std::string_view record_key) const { return !building || record_key < built_up_to; }
  };
  Places(const Layout& layout, const record::Catalogue& catalogue);

  // By the index's place in the type's list.
  const std::vector<Place>& Of(const record::RecordType& type) const {
    return types_.at(type.number).places;
  }
  Place& At(uint16_t type, uint16_t index) { return types_.at(type).places.at(index); }
  size_t Slots(const record::RecordType& type) const { return types_.at(type.number).slots; }
  // The number of the type's `moving_time`; 0: it has none.
  uint32_t MovingTime(const record::RecordType& type) const {
    return types_.at(type.number).moving_time;
  }
  // Of the index with this number in the catalogue.
  const Place& Find(uint16_t type, uint16_t index) const {
    return types_.at(type).places.at(index);
  }

 private:
  struct Type {
    std::vector<Place> places;
    size_t slots = 0;
    uint32_t moving_time = 0;
  };
  std::unordered_map<uint16_t, Type> types_;
};

}  // namespace crm::store
