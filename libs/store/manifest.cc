#include "libs/store/manifest.h"

#include <charconv>
#include <sstream>

#include "libs/record/sha256.h"

namespace crm::store {
namespace {

constexpr std::string_view kFirst = "recall snapshot 1\n";
constexpr std::string_view kEnd = "end ";

std::string BytesOf(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    unsigned byte = 0;
    std::from_chars(hex.data() + i, hex.data() + i + 2, byte, 16);
    bytes.push_back(static_cast<char>(byte));
  }
  return bytes;
}

}  // namespace

std::string Manifest::Encode() const {
  std::string text(kFirst);
  text += "layout " + record::Hex(layout) + "\nstate " + record::Hex(state.Encode()) + '\n';
  for (const auto& file : files) {
    text += "file " + file.sha256 + ' ' + std::to_string(file.size) + ' ' + file.name + '\n';
  }
  return text + std::string(kEnd) + record::Sha256::HexOf(text) + '\n';
}

std::optional<Manifest> Manifest::Decode(std::string_view text) {
  const auto end = text.rfind(kEnd);
  if (!text.starts_with(kFirst) || end == std::string_view::npos) return std::nullopt;
  const auto body = text.substr(0, end);
  if (text.substr(end) != std::string(kEnd) + record::Sha256::HexOf(body) + '\n')
    return std::nullopt;

  Manifest manifest;
  std::istringstream in{std::string(body.substr(kFirst.size()))};
  for (std::string line; std::getline(in, line);) {
    const auto space = line.find(' ');
    const std::string word = line.substr(0, space);
    const std::string rest = space == std::string::npos ? "" : line.substr(space + 1);
    if (word == "layout") {
      manifest.layout = BytesOf(rest);
    } else if (word == "state") {
      const auto state = log::Automaton::State::Decode(BytesOf(rest));
      if (!state) return std::nullopt;
      manifest.state = *state;
    } else if (word == "file") {
      File file;
      std::istringstream parts(rest);
      parts >> file.sha256 >> file.size >> file.name;
      if (!parts || file.name.find('/') != std::string::npos) return std::nullopt;
      manifest.files.push_back(std::move(file));
    } else {
      return std::nullopt;
    }
  }
  return manifest;
}

}  // namespace crm::store
