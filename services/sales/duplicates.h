#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "crm/sales/v1/lead.pb.h"
#include "libs/shard/transaction.h"

namespace crm::sales {

// Live records that the duplicate rules take for the same as one that is about to be made: the
// organization's published rules, else those that come with the product (a contact of the same
// e-mail address; of the same name and telephone; an account of the same name). A rule looks up
// what one of its fields has an index for; each record is named once, with all that agrees.
std::vector<v1::DuplicatesDetected::Candidate> FindDuplicates(
    const std::string& collection, const google::protobuf::Message& candidate,
    const shard::Transaction& tx);

}  // namespace crm::sales
