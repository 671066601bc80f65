#include "libs/record/sha256.h"

#include <gtest/gtest.h>

namespace crm::record {
namespace {

// The example of FIPS 180-2, appendix B.1.
constexpr char kOfAbc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(Sha256, HashesAtOnceAsPieceByPiece) {
  EXPECT_EQ(Sha256::HexOf("abc"), kOfAbc);
  Sha256 hash;
  hash.Add("a");
  hash.Add("");
  hash.Add("bc");
  EXPECT_EQ(hash.FinishHex(), kOfAbc);
  EXPECT_EQ(Sha256::Of("abc").front(), 0xba);
}

TEST(Sha256, WritesHexadecimalDigits) { EXPECT_EQ(Hex({"\0\x1f\xff", 3}), "001fff"); }

}  // namespace
}  // namespace crm::record
