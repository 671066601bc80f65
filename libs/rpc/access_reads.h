#pragma once

#include "libs/rpc/reads.h"

namespace crm::rpc {

inline constexpr std::string_view kExplainAccess = "/crm.record.v1.Access/ExplainAccess";
inline constexpr std::string_view kListWhoCan = "/crm.record.v1.Access/ListWhoCan";

Answer AnswerExplain(const ReadContext& context, const store::View& view);
Answer AnswerWhoCan(const ReadContext& context, const store::View& view);

}  // namespace crm::rpc
