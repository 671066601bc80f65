#include <gtest/gtest.h>

#include <algorithm>

#include "libs/store/example_commits.h"

namespace crm::store {
namespace {

using Hashes = std::map<std::string, std::string>;

example::Draft Lead(uint64_t number, const std::string& company) {
  sales::v1::Lead lead;
  lead.set_state(sales::v1::Lead::STATE_OPEN);
  lead.set_company_name(company);
  return example::Of(lead, example::Id(number));
}

Hashes HashesOf(const example::Commits& commits, const std::string& tenant = "acme") {
  const auto store = example::Open(Disk::InMemory());
  commits.ApplyTo(*store);
  return store->latest().Verify(tenant);
}

// The keys under which two stores differ.
std::vector<std::string> Difference(const Hashes& a, const Hashes& b) {
  std::vector<std::string> keys;
  for (const auto& [key, hash] : a) {
    if (!b.contains(key) || b.at(key) != hash) keys.push_back(key);
  }
  return keys;
}

TEST(Verify, HasAHashForEachTypeThatOccurs) {
  example::Commits commits;
  commits.Add("acme", {Lead(1, "Acme")});
  const auto hashes = HashesOf(commits);
  EXPECT_TRUE(hashes.contains("leads/record"));
  EXPECT_TRUE(hashes.contains("leads/history"));
  for (const auto& index : example::Type("leads").indexes) {
    EXPECT_TRUE(hashes.contains("leads/index/" + index.name)) << index.name;
  }
  EXPECT_EQ(hashes.size(), 2 + example::Type("leads").indexes.size());
  for (const auto& [key, hash] : hashes) EXPECT_EQ(hash.size(), 64u) << key;
  EXPECT_EQ(HashesOf(commits, "nobody"), Hashes{});
}

TEST(Verify, DoesNotDependOnOffsetsOrOtherTenants) {
  example::Commits plain;
  plain.Add("acme", {Lead(1, "Acme"), Lead(2, "Bolt")});
  plain.Add("acme", {Lead(1, "Acme Limited")});
  example::Commits moved(500);
  moved.Add("first-comer", {Lead(1, "Elsewhere")});
  moved.Pass(1'000'000);
  moved.Add("acme", {Lead(1, "Acme"), Lead(2, "Bolt")});
  moved.Skip(17);
  moved.Add("first-comer", {Lead(2, "Elsewhere")});
  moved.Add("acme", {Lead(1, "Acme Limited")});
  EXPECT_EQ(HashesOf(plain), HashesOf(moved));
}

TEST(Verify, SeesEveryDifference) {
  example::Commits commits;
  commits.Add("acme", {Lead(1, "Acme")});
  const auto before = HashesOf(commits);

  auto changed = commits;
  changed.Add("acme", {Lead(1, "Bolt")});
  EXPECT_EQ(
      Difference(before, HashesOf(changed)),
      (std::vector<std::string>{"leads/history", "leads/index/company_name", "leads/record"}));
  auto back = changed;
  back.Add("acme", {Lead(1, "Acme")});
  EXPECT_EQ(Difference(before, HashesOf(back)), std::vector<std::string>{"leads/history"});

  auto deleted = commits;
  deleted.Add("acme", {example::Deleted("leads", example::Id(1))});
  // All but the indexes that had no entry.
  const auto& indexes = example::Type("leads").indexes;
  const auto sparse = static_cast<size_t>(std::count_if(
      indexes.begin(), indexes.end(), [](const record::Index& index) { return index.sparse; }));
  EXPECT_EQ(Difference(before, HashesOf(deleted)).size(), before.size() - sparse);

  // The same image for another reason.
  example::Commits renamed;
  sales::v1::Lead lead;
  lead.set_state(sales::v1::Lead::STATE_OPEN);
  lead.set_company_name("Acme");
  renamed.Add("acme", {example::Of(lead, example::Id(1), "created")});
  EXPECT_EQ(Difference(before, HashesOf(renamed)), std::vector<std::string>{"leads/history"});
}

}  // namespace
}  // namespace crm::store
