#include "libs/shard/pieces.h"

#include "libs/record/check.h"
#include "libs/record/image.h"
#include "libs/record/spans.h"

namespace crm::shard {

Pieces PiecesOf(const record::RecordType& type, std::string_view image) {
  Pieces pieces;
  auto spans = record::Spans::Read(image);
  CRM_CHECK(spans);
  for (const record::Span& span : spans->all()) {
    const record::Field* field = type.message->Find(span.number);
    std::string path = field != nullptr ? field->name : "#" + std::to_string(span.number);
    if (field != nullptr && field->map) {
      auto entry = record::Spans::Read(span.payload);
      CRM_CHECK(entry);
      path += "." + std::string(entry->Text(1));
    }
    Piece& piece = pieces[path];
    piece.field = field;
    piece.bytes += span.whole();
  }
  return pieces;
}

std::string ImageOf(const record::RecordType& type, const Pieces& pieces) {
  std::string bytes;
  for (const auto& [path, piece] : pieces) bytes += piece.bytes;
  auto image = record::Normalise(*type.message, bytes);
  CRM_CHECK(image);
  return std::move(*image);
}

}  // namespace crm::shard
