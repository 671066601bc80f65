#pragma once

#include "libs/rpc/reads.h"

namespace crm::rpc {

inline constexpr std::string_view kListTimeline = "/crm.record.v1.Timelines/ListTimeline";
inline constexpr std::string_view kListFeed = "/crm.record.v1.Timelines/ListFeed";
inline constexpr std::string_view kListAgenda = "/crm.record.v1.Timelines/ListAgenda";

Answer AnswerTimeline(const ReadContext& context, const store::View& view);
Answer AnswerFeed(const ReadContext& context, const store::View& view);
Answer AnswerAgenda(const ReadContext& context, const store::View& view);

}  // namespace crm::rpc
