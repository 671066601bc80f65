#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/log/automaton.h"

// What says of which files a snapshot is made:
//
//   manifest := "recall snapshot 1\n" "layout " hex "\n" "state " hex "\n" file* "end "
//               sha256 "\n"
//   file     := "file " sha256 " " size " " name "\n"
//
// with the sha256 of everything before it at the end, and the automaton's state (log/automaton.h),
// which has the log's id and the position. All files are kept once, by their content, however many
// snapshots they are part of.
namespace crm::store {

struct Manifest {
  struct File {
    std::string sha256;
    uint64_t size = 0;
    std::string name;
  };
  std::string layout;  // layout.h
  log::Automaton::State state;
  std::vector<File> files;

  std::string Encode() const;
  // nullopt: it is damaged, or of another form.
  static std::optional<Manifest> Decode(std::string_view text);
};

}  // namespace crm::store
