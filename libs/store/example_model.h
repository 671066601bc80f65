#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/log/record.h"
#include "libs/record/key.h"
#include "libs/record/name.h"
#include "libs/store/example_commits.h"

namespace crm::store::example {

// What the projections must show, computed anew from the commits for every question.
class Model {
 public:
  struct Version {
    int64_t offset = 0;
    int64_t commit = 0;
    int64_t time_us = 0;
    std::string image;
    std::string body;
  };
  using Records = std::map<std::pair<uint16_t, record::Uuid>, std::vector<Version>>;

  explicit Model(const std::vector<log::Commit>& commits) {
    for (const auto& commit : commits) {
      for (const auto& event : commit.events) Add(event, commit.position());
    }
  }

  const std::map<std::string, Records>& tenants() const { return tenants_; }

  // The newest version at a position; null if there was none.
  static const Version* At(const std::vector<Version>& versions, int64_t position) {
    const Version* newest = nullptr;
    for (const auto& version : versions) {
      if (version.commit <= position) newest = &version;
    }
    return newest;
  }

  // An index's keys at a position, in order.
  std::vector<std::string> Index(const std::string& tenant, const record::RecordType& type,
                                 const record::Index& index, int64_t position) const {
    std::vector<std::string> keys;
    for (const auto& [key, versions] : tenants_.at(tenant)) {
      const auto* version = At(versions, position);
      if (key.first != type.number || !version || version->image.empty()) continue;
      const auto spans = record::Spans::Read(version->image);
      if (index.sparse && !spans->Has(index.by.front().front()->number)) continue;
      std::string values;
      record::AppendIndexValues(index, *spans, &values);
      keys.push_back(values.append(key.second.Bytes()));
    }
    std::sort(keys.begin(), keys.end());
    return keys;
  }

 private:
  void Add(const log::Stored& event, int64_t commit) {
    const auto parts = log::SplitBody(*event.body);
    log::Envelope envelope;
    ASSERT_TRUE(parts && envelope.ParseFromArray(parts->envelope.data(),
                                                 static_cast<int>(parts->envelope.size())));
    const auto name = record::Name::Parse(envelope.subject());
    sales::v1::Event value;
    ASSERT_TRUE(value.ParseFromArray(parts->value.data(), static_cast<int>(parts->value.size())));
    std::string image;
    if (value.has_lead()) image = value.lead().SerializeAsString();
    if (value.has_task()) image = value.task().SerializeAsString();
    const auto type = Type(name->collection).number;
    tenants_[envelope.tenant()][{type, name->id}].push_back(
        {event.offset, commit, envelope.time_us(), image, *event.body});
  }

  std::map<std::string, Records> tenants_;
};

}  // namespace crm::store::example
