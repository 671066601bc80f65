#pragma once

#include <functional>
#include <string_view>

#include "libs/rpc/dispatcher.h"

namespace crm::rpc {

inline constexpr std::string_view kReactors = "/crm.record.v1.Reactors/";

// The methods of crm.record.v1.Reactors.
void AnswerReactors(const Call& call, const std::string& tenant, Host& host,
                    std::function<void(Answer)> done);

}  // namespace crm::rpc
