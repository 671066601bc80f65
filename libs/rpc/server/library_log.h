#pragma once

#include <string>

namespace crm::rpc {

enum class Severity { kDebug, kInfo, kError };

// Where what gRPC itself has to say goes, instead of to stderr in a form of its own. For the whole
// process; to be called before anything of gRPC is used.
void SendLibraryLogTo(void (*sink)(Severity severity, const std::string& text, const char* file,
                                   int line));

}  // namespace crm::rpc
