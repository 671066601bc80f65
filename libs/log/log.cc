#include "libs/log/log.h"

namespace crm::log {

record::Result<std::optional<Stored>> Log::ReadOne(int partition, int64_t offset) {
  auto read = Read(partition, offset, 1);
  if (!read) return read.error();
  if (read->empty() || read->front().offset != offset) return std::optional<Stored>();
  return std::optional<Stored>(std::move(read->front()));
}

}  // namespace crm::log
