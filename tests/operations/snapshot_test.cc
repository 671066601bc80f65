#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "libs/store/layout.h"
#include "libs/store/manifest.h"
#include "tests/server/bucket_store.h"
#include "tests/server/cluster.h"
#include "tests/server/filled.h"
#include "tests/server/sales_records.h"

// A machine without data takes the projections of another one out of a folder or a bucket, and only
// the rest from the topic.
namespace crm::test {
namespace {

using testing::HasSubstr;

constexpr auto kDeadline = std::chrono::seconds(60);
constexpr size_t kKept = 3;  // of each partition, by default

class Snapshots : public testing::Test {
 protected:
  std::unique_ptr<Cluster> Open(int instances) {
    return OpenWith(instances, {"--snapshot-to=" + place_.path().string()});
  }
  static std::unique_ptr<Cluster> OpenWith(int instances, std::vector<std::string> flags) {
    flags.emplace_back("--snapshot-every-s=0");
    return std::make_unique<Cluster>(instances, flags);
  }

  static void ChangeSomething(Cluster& cluster, int round) {
    for (const std::string& tenant : Cluster::Tenants()) {
      const Client client(cluster[cluster.OwnerOf(tenant)], tenant);
      for (int i = 0; i < 10; ++i) {
        const Lead lead = Made(client, FullLead(round * 100 + i));
        Made(client, NewNote(lead.name(), "Called"));
      }
    }
  }

  // What was logged of the sales service with this text: the position by partition.
  static std::map<int, int64_t> PositionsOf(const Server& server, const std::string& text) {
    std::map<int, int64_t> positions;
    std::istringstream lines(server.Output());
    for (std::string line; std::getline(lines, line);) {
      const auto json = nlohmann::json::parse(line, nullptr, false);
      if (json.is_object() && json.value("msg", "") == text && json.value("service", "") == "sales")
        positions[json["partition"]] = json["position"];
    }
    return positions;
  }

  static void Order(const Server& server) {
    EXPECT_THAT(server.Http("/snapshot", "POST"), HasSubstr(" 202 "));
  }
  // Once there is one of each partition, farther than these.
  static std::map<int, int64_t> AwaitTaken(const Server& server,
                                           const std::map<int, int64_t>& before = {}) {
    std::map<int, int64_t> taken;
    const auto goes_on = [&](int partition) {
      const auto at = before.find(partition);
      return taken.contains(partition) && (at == before.end() || taken[partition] > at->second);
    };
    const auto end = std::chrono::steady_clock::now() + kDeadline;
    for (int partition = 0; partition < Cluster::kPartitions;) {
      if (goes_on(partition)) {
        ++partition;
      } else if (std::chrono::steady_clock::now() > end) {
        ADD_FAILURE() << "none of partition " << partition << "\n" << server.Output();
        break;
      } else {
        taken = PositionsOf(server, "snapshot");
      }
    }
    return taken;
  }
  // Takes one of each partition.
  static std::map<int, int64_t> Take(Cluster& cluster, size_t instance) {
    Order(cluster[instance]);
    return AwaitTaken(cluster[instance]);
  }

  // Of the sales service, by partition: what each instance has taken, by its folder's name.
  std::map<std::string, std::map<int, std::set<int64_t>>> Kept() const {
    std::map<std::string, std::map<int, std::set<int64_t>>> kept;
    for (int partition = 0; partition < Cluster::kPartitions; ++partition) {
      const auto folder = place_.path() / "sales" / std::to_string(partition);
      for (const auto& own : std::filesystem::directory_iterator(folder)) {
        for (const auto& entry : std::filesystem::directory_iterator(own.path())) {
          if (entry.path().extension() != ".manifest") continue;
          const auto manifest = store::Manifest::Decode(ReadText(entry.path()));
          if (!manifest) ADD_FAILURE() << entry.path();
          if (!manifest) continue;
          kept[own.path().filename()][partition].insert(manifest->state.next);
          for (const auto& file : manifest->files) {
            const auto path = own.path() / "files" / file.sha256;
            EXPECT_TRUE(std::filesystem::exists(path)) << path;
          }
        }
      }
    }
    return kept;
  }

  // On a machine that has nothing. What the one before printed is gone, too.
  static void StartWithoutData(Server& server) {
    EXPECT_EQ(server.Stop(), 0);
    std::filesystem::remove_all(server.folder() / "data");
    std::filesystem::remove(server.folder() / "output");
    server.Start();
  }

  // Of two machines the second one loses all that it has.
  static void BringUpTheSecond(std::unique_ptr<Cluster> cluster) {
    ChangeSomething(*cluster, 1);
    cluster->ExpectEqual(Cluster::Tenants());
    const auto taken = Take(*cluster, 0);
    ChangeSomething(*cluster, 2);
    StartWithoutData((*cluster)[1]);
    EXPECT_EQ(PositionsOf((*cluster)[1], "restored from a snapshot"), taken);
    for (const auto& [partition, position] : taken) EXPECT_GT(position, 0) << partition;
    cluster->ExpectEqual(Cluster::Tenants());
    // It owns and decides like any other.
    EXPECT_EQ((*cluster)[0].Stop(), 0);
    ChangeSomething(*cluster, 3);
    (*cluster)[0].Start();
    cluster->ExpectEqual(Cluster::Tenants());
  }

  // Makes every snapshot one that a program with other declarations took.
  void ChangeLayouts(const std::function<void(store::Layout*)>& change) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(place_.path())) {
      if (entry.path().extension() != ".manifest") continue;
      auto manifest = store::Manifest::Decode(ReadText(entry.path()));
      ASSERT_TRUE(manifest) << entry.path();
      auto layout = store::Layout::Decode(manifest->layout);
      ASSERT_TRUE(layout);
      change(&*layout);
      manifest->layout = layout->Encode();
      WriteText(entry.path(), manifest->Encode());
    }
  }

  TemporaryFolder place_;
};

TEST_F(Snapshots, BringUpAMachineWithoutData) { BringUpTheSecond(Open(2)); }

TEST_F(Snapshots, InABucketBringUpAMachineWithoutData) {
  const BucketStore store;
  BringUpTheSecond(OpenWith(2, store.FlagsOf("recall/production")));
  EXPECT_TRUE(std::filesystem::exists(store.objects() / "recall" / "production" / "sales" / "0"));
}

// Each puts there and removes what is its own, while the other does the same.
TEST_F(Snapshots, OfTwoProcessesAreKeptInOneFolder) {
  const auto cluster = Open(2);
  std::vector<std::map<int, int64_t>> taken(cluster->size());
  for (size_t round = 0; round <= kKept; ++round) {
    ChangeSomething(*cluster, static_cast<int>(round));
    cluster->ExpectEqual(Cluster::Tenants());
    for (size_t i = 0; i < cluster->size(); ++i) Order((*cluster)[i]);
    for (size_t i = 0; i < cluster->size(); ++i) taken[i] = AwaitTaken((*cluster)[i], taken[i]);
  }
  const auto kept = Kept();
  EXPECT_EQ(kept.size(), cluster->size());
  for (const auto& [instance, partitions] : kept) {
    for (int i = 0; i < Cluster::kPartitions; ++i)
      EXPECT_EQ(partitions.at(i).size(), kKept) << instance << " of partition " << i;
  }
  std::map<int, int64_t> newest = taken[0];
  for (auto& [partition, position] : newest) position = std::max(position, taken[1][partition]);
  for (size_t i = 0; i < cluster->size(); ++i) {
    StartWithoutData((*cluster)[i]);
    EXPECT_EQ(PositionsOf((*cluster)[i], "restored from a snapshot"), newest);
  }
  cluster->ExpectEqual(Cluster::Tenants());
}

TEST_F(Snapshots, OfAnotherLogArePassedOver) {
  {
    const auto cluster = Open(1);
    ChangeSomething(*cluster, 1);
    Take(*cluster, 0);
  }
  // Shorter than the one that they are of at first, and then longer.
  const auto other = Open(1);
  EXPECT_THAT((*other)[0].Output(), HasSubstr("was passed over"));
  for (int round = 1; round <= 3; ++round) ChangeSomething(*other, round);
  StartWithoutData((*other)[0]);
  EXPECT_THAT((*other)[0].Output(), HasSubstr("another log"));
  EXPECT_TRUE(PositionsOf((*other)[0], "restored from a snapshot").empty());
  for (const std::string& tenant : Cluster::Tenants())
    EXPECT_EQ(Count<Lead>(Client((*other)[0], tenant)), 30);
}

TEST_F(Snapshots, OfOtherDeclarationsArePassedOver) {
  const auto cluster = Open(2);
  ChangeSomething(*cluster, 1);
  cluster->ExpectEqual(Cluster::Tenants());
  Take(*cluster, 0);
  ChangeLayouts(
      [](store::Layout* layout) { layout->types[60'000].message = "crm.sales.v1.NotYetInvented"; });
  StartWithoutData((*cluster)[1]);
  EXPECT_THAT((*cluster)[1].Output(), HasSubstr("crm.sales.v1.NotYetInvented"));
  EXPECT_TRUE(PositionsOf((*cluster)[1], "restored from a snapshot").empty());
  cluster->ExpectEqual(Cluster::Tenants());

  ChangeLayouts([](store::Layout* layout) {
    layout->types.erase(60'000);
    layout->keys = "of another version";
  });
  StartWithoutData((*cluster)[1]);
  EXPECT_THAT((*cluster)[1].Output(), HasSubstr("was built with another version of ICU"));
  EXPECT_TRUE(PositionsOf((*cluster)[1], "restored from a snapshot").empty());
  cluster->ExpectEqual(Cluster::Tenants());
}

}  // namespace
}  // namespace crm::test
