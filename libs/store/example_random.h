#pragma once

#include <random>
#include <string>
#include <vector>

#include "libs/store/example_commits.h"

namespace crm::store::example {

// A history of leads and tasks of a few tenants, the same for the same seed: records come, change,
// go and come back, within commits too.
class RandomCommits {
 public:
  explicit RandomCommits(int seed) : random_(static_cast<uint64_t>(seed)) {}

  Commits& commits() { return commits_; }
  const Commits& commits() const { return commits_; }

  int Below(int bound) { return static_cast<int>(random_() % static_cast<uint64_t>(bound)); }

  void Add() {
    const std::string tenant = "tenant-" + std::to_string(Below(3));
    std::vector<Draft> drafts;
    for (int i = Below(4); i >= 0; --i) drafts.push_back(RandomDraft());
    commits_.Skip(Below(3) == 0 ? Below(5) : 0);
    commits_.Pass(Below(3));
    commits_.Add(tenant, drafts);
  }

 private:
  Draft RandomLead(record::Uuid id) {
    sales::v1::Lead lead;
    lead.set_state(static_cast<sales::v1::Lead::State>(1 + Below(3)));
    lead.set_status(static_cast<sales::v1::Lead::Status>(2 + Below(5)));
    lead.set_rating(static_cast<sales::v1::Lead::Rating>(2 + Below(3)));
    lead.set_lead_source(static_cast<sales::v1::Lead::Source>(2 + Below(3)));
    lead.set_owner("users/" + Id(static_cast<uint64_t>(Below(3))).Text());
    lead.mutable_create_time()->set_seconds(1'700'000'000 + Below(20));
    lead.set_subject(std::string(static_cast<size_t>(Below(200)), 's'));
    if (Below(3) > 0)
      lead.set_company_name("Company " + std::string(1, static_cast<char>('a' + Below(5))));
    if (Below(3) > 0) lead.set_last_name("Ärger\x01 " + std::to_string(Below(5)));
    return Of(lead, id);
  }

  Draft RandomTask(record::Uuid id) {
    activity::v1::Task task;
    task.set_state(static_cast<activity::v1::Task::State>(1 + Below(3)));
    task.set_regarding("leads/" + Id(static_cast<uint64_t>(Below(4))).Text());
    if (Below(2) > 0) task.mutable_scheduled_end_time()->set_seconds(Below(9) - 4);
    return Of(task, id);
  }

  Draft RandomDraft() {
    const auto id = Id(static_cast<uint64_t>(Below(25)));
    const bool lead = Below(3) > 0;
    if (Below(6) == 0) return Deleted(lead ? "leads" : "tasks", id);
    return lead ? RandomLead(id) : RandomTask(id);
  }

  std::mt19937_64 random_;
  Commits commits_;
};

}  // namespace crm::store::example
