#pragma once

#include <string>

#include "libs/query/read.h"
#include "libs/record/mask.h"

namespace crm::query {

// The image with its computed fields filled from the records that refer to it at the same moment,
// as far as the mask wants them (empty: all). Costs a scan of those records' index entries and, for
// a sum, reading them.
std::string WithComputed(const Moment& moment, const record::RecordType& type,
                         const record::Mask& mask, std::string image);

}  // namespace crm::query
