#include "libs/rpc/server/library_log.h"

#include <grpc/support/log.h>

#include <atomic>

namespace crm::rpc {
namespace {

using Sink = void (*)(Severity, const std::string&, const char*, int);
std::atomic<Sink> current_sink{nullptr};

void Forward(gpr_log_func_args* said) {
  const Sink sink = current_sink;
  if (sink == nullptr) return;
  const Severity severity = said->severity == GPR_LOG_SEVERITY_ERROR  ? Severity::kError
                            : said->severity == GPR_LOG_SEVERITY_INFO ? Severity::kInfo
                                                                      : Severity::kDebug;
  sink(severity, said->message, said->file, said->line);
}

}  // namespace

void SendLibraryLogTo(Sink sink) {
  current_sink = sink;
  gpr_set_log_function(Forward);
}

}  // namespace crm::rpc
