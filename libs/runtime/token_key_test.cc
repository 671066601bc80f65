#include "libs/runtime/token_key.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace crm::runtime {
namespace {

class TokenKeyTest : public testing::Test {
 protected:
  TokenKeyTest() {
    settings_.data = testing::TempDir() + "/token_key_test." + std::to_string(getpid());
  }
  void TearDown() override { std::filesystem::remove_all(settings_.data); }

  Settings settings_;
  record::SystemRandom random_;
};

TEST_F(TokenKeyTest, IsCreatedOnceForItsOwnerOnly) {
  const auto key = TokenKey(settings_, random_);
  ASSERT_TRUE(key) << key.error().text;
  EXPECT_EQ(key->size(), 64u);
  struct stat facts {};
  ASSERT_EQ(stat((settings_.data + "/token.key").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
  EXPECT_EQ(*TokenKey(settings_, random_), *key);
}

TEST_F(TokenKeyTest, IsWhatIsSet) {
  settings_.token_key = "0123456789abcdef";
  EXPECT_EQ(*TokenKey(settings_, random_), "0123456789abcdef");
  EXPECT_FALSE(std::filesystem::exists(settings_.data + "/token.key"));
}

TEST_F(TokenKeyTest, IsNotGuessedFromADamagedFile) {
  std::filesystem::create_directories(settings_.data);
  std::ofstream(settings_.data + "/token.key") << "half";
  EXPECT_FALSE(TokenKey(settings_, random_));
}

}  // namespace
}  // namespace crm::runtime
