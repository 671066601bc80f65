#pragma once

#include <cstdint>
#include <string_view>

// Which partition a tenant lives in, as long as nobody has decided otherwise.
namespace crm::log {

// MurmurHash2 as Kafka's Java clients compute it for keys.
uint32_t Murmur2(std::string_view bytes);

// The partition that Kafka's default partitioner gives a message whose key is the tenant's id.
int PartitionOf(std::string_view tenant, int partitions);

}  // namespace crm::log
