#pragma once

#include <google/protobuf/message.h>

#include "crm/sales/v1/attribute_map.pb.h"
#include "libs/shard/transaction.h"

namespace crm::sales {

// Which fields are copied when a record of one type is made from one of another: the organization's
// own map, else the one that comes with the product; without either, none.
v1::AttributeMap MapFor(const std::string& source_type, const std::string& target_type,
                        const shard::Transaction& tx);

// Copies what the map names. Passed over are pairs of fields of different kinds, those of which
// clients can not set the target, sources that are not set, and options that the target has not. A
// text that is too long, or not of the form that the target must have, is copied, so that writing
// the target is refused.
void CopyFields(const v1::AttributeMap& map, const google::protobuf::Message& source,
                const record::Catalogue& catalogue, google::protobuf::Message* target);

}  // namespace crm::sales
