#pragma once

#include <string>
#include <vector>

#include "libs/log/record.h"

namespace crm::golden {

struct SampleEvent {
  log::Envelope envelope;
  std::string value;  // not yet in canonical form
};

// One of each event type that the program can write today, with as many fields set as make sense.
std::vector<SampleEvent> SampleEvents();

}  // namespace crm::golden
