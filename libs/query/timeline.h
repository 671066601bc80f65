#pragma once

#include <string>
#include <vector>

#include "libs/query/read.h"

namespace crm::query {

// Something that hangs on a record and has a time, found by an index that begins with that record
// and goes on with the time.
struct TimelineSource {
  const record::RecordType* type = nullptr;
  const record::Index* index = nullptr;
  std::string via;     // the record's name
  std::string prefix;  // of the index's keys, up to the time
};

struct TimelineItem {
  std::string key;  // time and id, in the order of the timeline
  int64_t time_us = 0;
  std::string via;
  const record::RecordType* type = nullptr;
  std::string image;
};

// Everything that a record's timeline shows: what is attached to it, to records that belong to it
// by a reference declared `timeline`, at most three steps away, and to the lead that it came from.
// `truncated`: more than 1,000 records belong to it.
std::vector<TimelineSource> SourcesOf(const Moment& moment, const record::Catalogue& catalogue,
                                      const record::RecordType& type, const record::Uuid& id,
                                      bool only_own, bool* truncated);
// The posts about what the user follows, and of the users that it follows.
std::vector<TimelineSource> FeedOf(const Moment& moment, const record::Catalogue& catalogue,
                                   const std::string& user, bool* truncated);

// The key of something that happened at a time, to be merged with the others.
std::string TimelineKey(int64_t time_us, std::string_view id);
// The newest items whose keys are below `before` (empty: all), newest first.
std::vector<TimelineItem> ReadTimeline(const Moment& moment,
                                       const std::vector<TimelineSource>& sources,
                                       const std::string& before, size_t size);

// What a user has to do: the open activities that it owns and that have a due time.
std::vector<TimelineSource> AgendaOf(const record::Catalogue& catalogue, const std::string& user);
// Those whose keys are above `after` and below `until` (empty: no end), the soonest due first.
std::vector<TimelineItem> ReadAgenda(const Moment& moment,
                                     const std::vector<TimelineSource>& sources,
                                     const std::string& after, const std::string& until,
                                     size_t size);

}  // namespace crm::query
