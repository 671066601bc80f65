#include "libs/shard/past_commit.h"

#include <algorithm>

#include "libs/record/check.h"
#include "libs/record/spans.h"

namespace crm::shard {

log::Envelope EnvelopeOf(const log::Stored& message) {
  log::Envelope envelope;
  auto parts = log::SplitBody(*message.body);
  CRM_CHECK(parts && envelope.ParseFromArray(parts->envelope.data(),
                                             static_cast<int>(parts->envelope.size())));
  return envelope;
}

std::string ImageOf(const log::Stored& message) {
  auto parts = log::SplitBody(*message.body);
  auto spans = record::Spans::Read(parts->value);
  CRM_CHECK(spans);
  return spans->all().empty() ? "" : std::string(spans->all().front().payload);
}

std::string ImageBefore(const store::View& view, const store::RecordKey& key, int64_t offset) {
  auto events = view.History(key, offset, 1);
  return events.empty() ? "" : ImageOf(events.front());
}

log::Stored NewestEvent(const store::View& view, const store::RecordKey& key,
                        std::span<const std::string_view> words, int64_t before) {
  for (;;) {
    const auto event = view.History(key, before, 1);
    CRM_CHECK(!event.empty());
    const std::string type = EnvelopeOf(event.front()).type();
    const size_t name = type.rfind('.');
    if (std::any_of(words.begin(), words.end(), [&](std::string_view word) {
          return type.find(word, name) != std::string::npos;
        }))
      return event.front();
    before = event.front().offset;
  }
}

std::vector<log::Stored> CommitOf(const store::View& view, store::TenantNumber tenant,
                                  const log::Stored& event) {
  auto changes = view.Changes(tenant, event.offset - 1, 1);
  CRM_CHECK(!changes.empty());
  return view.CommitAt(tenant, changes.front().commit);
}

}  // namespace crm::shard
