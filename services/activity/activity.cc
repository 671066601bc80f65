#include "services/activity/activity.h"

#include "crm/activity/v1/task.pb.h"
#include "services/activity/email.h"
#include "services/activity/post.h"

namespace crm::activity {
namespace {

using record::Instant;
using v1::Task;

constexpr Instant kMinute = 60'000'000;

// Every kind of activity has these fields under the same numbers; states too.
enum : uint32_t {
  kScheduledStart = Task::kScheduledStartTimeFieldNumber,
  kScheduledEnd = Task::kScheduledEndTimeFieldNumber,
  kActualStart = Task::kActualStartTimeFieldNumber,
  kActualEnd = Task::kActualEndTimeFieldNumber,
  kScheduledMinutes = Task::kScheduledDurationMinutesFieldNumber,
  kActualMinutes = Task::kActualDurationMinutesFieldNumber,
  kActivityTime = Task::kActivityTimeFieldNumber,
};

bool IsClosed(uint64_t state) {
  return state == Task::STATE_COMPLETED || state == Task::STATE_CANCELED;
}

void SetMinutes(shard::Draft& draft, uint32_t field, Instant start, Instant end) {
  const bool known = start != 0 && end >= start;
  draft.SetInteger(field, known ? static_cast<uint64_t>((end - start) / kMinute) : 0);
}

}  // namespace

std::optional<shard::Refusal> DeriveActivity(shard::Draft& draft, const shard::Transaction&) {
  const bool closed = IsClosed(draft.Integer(record::kState));
  const bool was_closed = IsClosed(draft.before().Integer(record::kState));
  Instant end = draft.Time(kActualEnd);
  if (closed && end == 0) {
    end = draft.time();
    draft.SetTime(kActualEnd, end);
  } else if (!closed && was_closed && !draft.Changed(kActualEnd)) {
    end = 0;
    draft.Clear(kActualEnd);
  }
  const Instant due = draft.Time(kScheduledEnd);
  SetMinutes(draft, kScheduledMinutes, draft.Time(kScheduledStart), due);
  SetMinutes(draft, kActualMinutes, draft.Time(kActualStart), end);
  Instant shown = draft.is_new() ? draft.time() : draft.Time(record::kCreateTime);
  if (draft.Has(kScheduledStart)) shown = draft.Time(kScheduledStart);
  if (due != 0) shown = due;
  if (end != 0) shown = end;
  draft.SetTime(kActivityTime, shown);
  return std::nullopt;
}

void RegisterActivities(shard::Behaviours& behaviours) {
  for (const char* collection :
       {"tasks", "phone_calls", "emails", "letters", "faxes", "appointments"}) {
    behaviours.Derive(collection, DeriveActivity);
  }
  behaviours.Bind("/crm.activity.v1.Emails/SendEmail", SendEmail);
  behaviours.Bind("/crm.activity.v1.Emails/ReportEmailSending", ReportEmailSending);
  behaviours.Bind("/crm.activity.v1.Emails/ImportEmail", ImportEmail);
  behaviours.Bind("/crm.activity.v1.Posts/CommentOnPost", CommentOnPost);
  behaviours.Bind("/crm.activity.v1.Posts/LikePost", LikePost);
  behaviours.Bind("/crm.activity.v1.Posts/UnlikePost", UnlikePost);
}

}  // namespace crm::activity
