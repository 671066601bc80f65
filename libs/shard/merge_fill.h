#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "libs/record/mask.h"
#include "libs/shard/transaction.h"

namespace crm::shard {

// Whether a merge may write the field: clients may, and it is none of the standard ones.
bool Fillable(const record::Field* field);

// The master of a merge as it is to be.
struct MasterFill {
  const record::RecordType* type = nullptr;
  std::string master;  // names
  std::string subordinate;
  std::string_view before;  // the master's image
  std::string_view given;   // the subordinate's, from before it was closed
  const record::Mask* take = nullptr;
};
// `after`: what is empty is filled, and what was chosen is taken, but no reference is left that
// names the record itself or leads back to it; `fields`: paths of what differs. Everything that
// decides whether one leads back has moved already.
record::Status FillMaster(const MasterFill& fill, const Transaction& tx, std::string* after,
                          std::vector<std::string>* fields);

}  // namespace crm::shard
