#include "libs/runtime/room.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "libs/log/temporary_folder.h"

namespace crm::runtime {
namespace {

TEST(Room, MakesTheFolder) {
  const log::TemporaryFolder place;
  const std::string folder = place.path() + "/a/b";
  ASSERT_TRUE(MakeFolderWithRoom(folder));
  EXPECT_TRUE(std::filesystem::is_directory(folder));
  EXPECT_TRUE(MakeFolderWithRoom(folder));
}

TEST(Room, SaysWhatKeepsItFromMakingTheFolder) {
  const log::TemporaryFolder place;
  std::ofstream(place.path() + "/file") << "not a folder";
  const auto made = MakeFolderWithRoom(place.path() + "/file/data");
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().text.find("/file/data (--data): Not a directory"), std::string::npos)
      << made.error().text;
}

// A file system that is always full.
TEST(Room, SaysHowMuchIsMissing) {
  const auto made = MakeFolderWithRoom("/proc/self");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().text,
            "the disk of /proc/self (--data) is full: 0 MiB are free, and 32 are needed to start");
  EXPECT_FALSE(HasRoomToFlush("/proc/self"));
}

}  // namespace
}  // namespace crm::runtime
