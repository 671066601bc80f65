#pragma once

#include <span>
#include <string_view>

#include "libs/log/record.h"

namespace crm::log {

struct HeaderView {
  std::string_view name;
  std::string_view value;
};

// As FromHeaders() (record.h), for who reads many messages: what was in `envelope` is gone, but not
// the memory that it has, and using that again spares most of the work. After an error it holds
// nothing of use.
record::Result<record::Done> ReadHeaders(std::span<const HeaderView> headers, Envelope* envelope);

}  // namespace crm::log
