#include "libs/log/embedded.h"

#include "libs/log/embedded_log.h"

namespace crm::log {

record::Result<std::unique_ptr<Log>> OpenEmbedded(const EmbeddedOptions& options) {
  auto folder = Folder::Open(options);
  if (!folder) return folder.error();
  auto recovered = Recover(**folder);
  if (!recovered) return recovered.error();
  auto log = std::make_unique<EmbeddedLog>(options, std::move(*folder), std::move(*recovered));
  auto started = log->Start();
  if (!started) return started.error();
  return std::unique_ptr<Log>(std::move(log));
}

}  // namespace crm::log
