// What most files include, and no file of ours that changes often: the release build reads it once.
// Every file includes what it needs all the same; the other builds have no such header.
#pragma once

#include <google/protobuf/message.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "crm/event/v1/event.pb.h"
#include "crm/record/v1/access.pb.h"
#include "crm/record/v1/methods.pb.h"
#include "crm/record/v1/options.pb.h"
#include "crm/record/v1/value.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
