#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <future>

#include "libs/bucket/bucket.h"
#include "libs/record/sha256.h"
#include "tests/server/bucket_store.h"

// What every place of snapshots promises (libs/store/snapshot_place.h), of a folder and of a bucket
// alike; and what only a bucket can get wrong.
namespace crm::bucket {
namespace {

using store::SnapshotPlace;
using test::ReadText;
using test::WriteText;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

test::BucketStore& Store() {
  static test::BucketStore store;
  return store;
}

Options OptionsOf(const std::string& folder) {
  return {"s3://" + Store().bucket() + '/' + folder, Store().endpoint(), Store().region(),
          Store().access_key(), Store().secret_key()};
}

std::unique_ptr<SnapshotPlace> Open(const Options& options) {
  auto opened = OpenBucket(options);
  if (!opened) ADD_FAILURE() << opened.error().text;
  return opened ? *std::move(opened) : nullptr;
}

std::string FailureOf(const record::Result<record::Done>& result) {
  return result ? "" : result.error().text;
}

enum class Kind { kFolder, kBucket };

class Place : public testing::TestWithParam<Kind> {
 protected:
  Place() {
    static int count = 0;
    place_ = GetParam() == Kind::kFolder ? store::FolderPlace(folder_.path() / "kept")
                                         : Open(OptionsOf("place-" + std::to_string(++count)));
  }

  void Put(const std::string& name, const std::string& text) {
    const auto path = folder_.path() / "sent";
    WriteText(path, text);
    EXPECT_EQ(FailureOf(place_->Put(name, path, record::Sha256::HexOf(text))), "") << name;
  }
  std::string Get(const std::string& name) {
    const auto path = folder_.path() / "got";
    EXPECT_EQ(FailureOf(place_->Get(name, path)), "") << name;
    return ReadText(path);
  }
  std::vector<std::string> List(const std::string& prefix = "") {
    const auto names = place_->List(prefix);
    if (!names) ADD_FAILURE() << names.error().text;
    return names ? *names : std::vector<std::string>();
  }

  test::TemporaryFolder folder_;
  std::unique_ptr<SnapshotPlace> place_;
};

TEST_P(Place, GivesBackWhatWasPutThere) {
  std::string bytes(3 << 20, 0);
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 2654435761u >> 13);
  Put("sales/0/files/large", bytes);
  Put("sales/0/files/empty", "");
  EXPECT_EQ(Get("sales/0/files/large"), bytes);
  EXPECT_EQ(Get("sales/0/files/empty"), "");
  Put("sales/0/files/large", "shorter now");
  EXPECT_EQ(Get("sales/0/files/large"), "shorter now");
}

TEST_P(Place, ListsNamesThatBeginAlikeInTheirOrder) {
  EXPECT_THAT(List(), IsEmpty());
  for (const char* name : {"sales/1/b", "sales/1/a/c", "sales/10/a", "identity/1/a"})
    Put(name, name);
  EXPECT_THAT(List("sales/1/"), ElementsAre("sales/1/a/c", "sales/1/b"));
  EXPECT_THAT(List("sales/"), ElementsAre("sales/1/a/c", "sales/1/b", "sales/10/a"));
  EXPECT_THAT(List(), SizeIs(4));
  EXPECT_THAT(List("service/"), IsEmpty());
}

TEST_P(Place, KeepsNamesOfAnyCharacters) {
  const std::string name = "sales/0/by-127.0.0.1:7400 & <more>+100%/ü~'()";
  Put(name, "kept");
  EXPECT_THAT(List("sales/0/by-127.0.0.1:7400 & <more>+"), ElementsAre(name));
  EXPECT_EQ(Get(name), "kept");
  EXPECT_EQ(FailureOf(place_->Remove(name)), "");
  EXPECT_THAT(List(), IsEmpty());
}

TEST_P(Place, RemovesOnceAndAgain) {
  Put("sales/0/a", "a");
  Put("sales/0/b", "b");
  EXPECT_EQ(FailureOf(place_->Remove("sales/0/a")), "");
  EXPECT_EQ(FailureOf(place_->Remove("sales/0/a")), "");
  EXPECT_THAT(List(), ElementsAre("sales/0/b"));
}

TEST_P(Place, FailsWhereNothingIs) {
  EXPECT_NE(FailureOf(place_->Get("sales/0/never", folder_.path() / "got")), "");
  EXPECT_NE(
      FailureOf(place_->Put("sales/0/a", folder_.path() / "never", record::Sha256::HexOf(""))), "");
  EXPECT_THAT(List(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Of, Place, testing::Values(Kind::kFolder, Kind::kBucket),
                         [](const auto& kind) {
                           return kind.param == Kind::kFolder ? "Folder" : "Bucket";
                         });

class Bucket : public testing::Test {
 protected:
  record::Result<record::Done> Put(SnapshotPlace& place, const std::string& name) const {
    const auto path = folder_.path() / "sent";
    WriteText(path, name);
    return place.Put(name, path, record::Sha256::HexOf(name));
  }

  test::TemporaryFolder folder_;
};

// The store lists at most 1,000 names at a time.
TEST_F(Bucket, IsListedPageByPage) {
  const auto objects = Store().objects() / "many" / "sales";
  std::filesystem::create_directories(objects);
  for (int i = 0; i < 2'500; ++i) WriteText(objects / std::to_string(10'000 + i), "");
  const auto names = Open(OptionsOf("many"))->List("sales/");
  ASSERT_TRUE(names) << names.error().text;
  ASSERT_THAT(*names, SizeIs(2'500));
  EXPECT_EQ(names->front(), "sales/10000");
  EXPECT_EQ(names->back(), "sales/12499");
}

TEST_F(Bucket, OfAnotherNameOrKeySaysWhatTheStoreSays) {
  Options options = OptionsOf("denied");
  options.secret_key = "another";
  const auto denied = Open(options)->List("");
  ASSERT_FALSE(denied);
  EXPECT_THAT(denied.error().text, HasSubstr("403 SignatureDoesNotMatch: The request signature"));
  options = OptionsOf("missing");
  options.to = "s3://no-such-bucket/folder";
  const auto missing = Put(*Open(options), "sales/0/a");
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().text,
              HasSubstr("PUT /no-such-bucket/folder/sales/0/a: 404 NoSuchBucket"));
}

TEST_F(Bucket, WaitsForAStoreThatComesBack) {
  const auto place = Open(OptionsOf("patient"));
  Store().Kill();
  auto put = std::async(std::launch::async, [&] { return Put(*place, "sales/0/a"); });
  Store().Start();
  // Slow machines may start it too late for the first one.
  const bool first = put.get().has_value();
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  bool there = first;
  while (!there && std::chrono::steady_clock::now() < end)
    there = Put(*place, "sales/0/a").has_value();
  EXPECT_TRUE(there);
}

TEST_F(Bucket, ThatCanNotBeReachedIsNotAskedAgainAndAgain) {
  Options options = OptionsOf("away");
  options.endpoint = "http://127.0.0.1:1";
  const auto place = Open(options);
  const auto first = place->List("");
  const auto second = place->List("");
  ASSERT_FALSE(first);
  ASSERT_FALSE(second);
  EXPECT_THAT(first.error().text, HasSubstr("GET /" + Store().bucket() + ": Couldn't connect"));
  EXPECT_THAT(second.error().text, HasSubstr("could not be reached a moment ago"));
}

TEST_F(Bucket, GivesUpWhenTheProcessIsToEnd) {
  Options options = OptionsOf("away");
  options.endpoint = "http://127.0.0.1:1";
  const auto place = Open(options);
  auto listed = std::async(std::launch::async, [&] { return place->List(""); });
  place->End();
  EXPECT_FALSE(listed.get());
  const auto begin = std::chrono::steady_clock::now();
  const auto put = Put(*place, "sales/0/a");
  EXPECT_FALSE(put);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(1));
}

TEST_F(Bucket, OptionsThatMakeNoSenseAreRefused) {
  const auto refusal = [](const std::function<void(Options*)>& change) {
    Options options{"s3://bucket/folder", "", "us-east-1", "key", "secret"};
    change(&options);
    const auto opened = OpenBucket(options);
    return opened ? "" : opened.error().text;
  };
  EXPECT_EQ(refusal([](Options*) {}), "");
  EXPECT_EQ(refusal([](Options* options) { options->to = "s3://bucket"; }), "");
  for (const char* to : {"s3://", "s3:///folder", "s3://Bucket", "s3://b", "s3://a_b/c", "/folder"})
    EXPECT_THAT(refusal([&](Options* options) { options->to = to; }), HasSubstr("is not s3://"))
        << to;
  EXPECT_THAT(refusal([](Options* options) { options->region = ""; }), HasSubstr("needs a region"));
  EXPECT_THAT(refusal([](Options* options) { options->secret_key = ""; }),
              HasSubstr("needs an access key"));
  EXPECT_THAT(refusal([](Options* options) { options->endpoint = "store.example"; }),
              HasSubstr("is no http:// or https:// address"));
}

}  // namespace
}  // namespace crm::bucket
