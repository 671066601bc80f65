#pragma once

#include <map>
#include <string>
#include <string_view>

#include "libs/record/catalogue.h"

// A record taken apart into what a user sees as its fields: each top-level field, and each entry of
// a map such as `custom`, by itself.
namespace crm::shard {

struct Piece {
  const record::Field* field = nullptr;  // null: one that the catalogue does not know
  std::string bytes;                     // as in the image
  bool operator==(const Piece& other) const { return bytes == other.bytes; }
};

// By path: `email`, `custom.shoe_size`.
using Pieces = std::map<std::string, Piece>;

Pieces PiecesOf(const record::RecordType& type, std::string_view image);
// The canonical image.
std::string ImageOf(const record::RecordType& type, const Pieces& pieces);

}  // namespace crm::shard
