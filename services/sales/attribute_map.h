#pragma once

#include <google/protobuf/message.h>

#include "crm/sales/v1/attribute_map.pb.h"
#include "libs/shard/transaction.h"

namespace crm::sales {

// Which fields are copied when a record of one type is made from one of another: the organization's
// own map, else the one that comes with the product; without either, none.
v1::AttributeMap MapFor(const std::string& source_type, const std::string& target_type,
                        const shard::Transaction& tx);

// Copies what the map names; pairs of fields that do not fit each other, or that a source does not
// set, are passed over.
void CopyFields(const v1::AttributeMap& map, const google::protobuf::Message& source,
                google::protobuf::Message* target);

}  // namespace crm::sales
