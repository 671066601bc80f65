#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>
#include <openssl/sha.h>

#include <array>
#include <set>

#include "crm/record/v1/descriptors.pb.h"
#include "tests/server/client.h"

// The server explains its messages itself.
namespace crm::test {
namespace {

std::string Sha256(const std::string& bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  std::string hex;
  for (const unsigned char byte : digest) {
    constexpr char kDigits[] = "0123456789abcdef";
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 0xf];
  }
  return hex;
}

Answer<record::v1::GetDescriptorsResponse> Descriptors(const Client& client) {
  return client.Call<record::v1::GetDescriptorsResponse>(
      "/crm.record.v1.Descriptors/GetDescriptors", record::v1::GetDescriptorsRequest());
}

TEST(Descriptors, AreWholeAndTheSameEverywhere) {
  const Server& server = Server::Shared();
  const auto answer = Descriptors(Client(server, "descriptors"));
  ASSERT_TRUE(answer.ok()) << answer;
  EXPECT_EQ(answer.body.sha256(), Sha256(answer.body.descriptor_set()));
  const std::string page = server.Http("/descriptors.pb");
  EXPECT_EQ(page.substr(page.find("\r\n\r\n") + 4), answer.body.descriptor_set());

  google::protobuf::FileDescriptorSet set;
  ASSERT_TRUE(set.ParseFromString(answer.body.descriptor_set()));
  std::set<std::string> files;
  for (const auto& file : set.file()) {
    // In an order in which they can be built: what a file imports comes before it.
    for (const auto& imported : file.dependency()) {
      EXPECT_TRUE(files.contains(imported)) << file.name() << " imports " << imported;
    }
    files.insert(file.name());
  }
  EXPECT_TRUE(files.contains("crm/sales/v1/event.proto"));
}

TEST(Descriptors, AreWrittenByTheCommandLine) {
  const Server& server = Server::Shared();
  const TemporaryFolder folder;
  const auto path = folder.path() / "recall.desc";
  const Finished finished =
      test::Run({CRMCTL_PROGRAM, "--server", server.target(), "--tenant", "descriptors", "--user",
                 "ana@example.com", "descriptors", path.string()});
  ASSERT_EQ(finished.code, 0) << finished.output;
  const auto answer = Descriptors(Client(server, "descriptors"));
  EXPECT_EQ(ReadText(path), answer.body.descriptor_set());
  EXPECT_TRUE(finished.output.starts_with(answer.body.sha256())) << finished.output;
}

TEST(Descriptors, AreForThoseWhoSayWhoTheyAre) {
  const auto answer = Descriptors(Client(Server::Shared(), Metadata{}));
  EXPECT_EQ(answer.reason, "MISSING_TENANT");
}

}  // namespace
}  // namespace crm::test
