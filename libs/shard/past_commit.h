#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libs/log/record.h"
#include "libs/store/view.h"

// What an earlier commit did, from the history; for commands that take something back.
namespace crm::shard {

log::Envelope EnvelopeOf(const log::Stored& message);
// The record's image in a message; empty for a deletion.
std::string ImageOf(const log::Stored& message);
// The record's last image before an offset; empty: there was none.
std::string ImageBefore(const store::View& view, const store::RecordKey& key, int64_t offset);
// The record's newest event before an offset whose name, such as `deletion_started`, has one of
// these words in it; there is one.
log::Stored NewestEvent(const store::View& view, const store::RecordKey& key,
                        std::span<const std::string_view> words, int64_t before = store::kNow);
// All events of the commit that this event is part of, in order.
std::vector<log::Stored> CommitOf(const store::View& view, store::TenantNumber tenant,
                                  const log::Stored& event);

}  // namespace crm::shard
