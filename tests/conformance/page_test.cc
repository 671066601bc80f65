#include <gmock/gmock.h>

#include "tests/conformance/tested.h"

namespace crm::test {
namespace {

using record::v1::ListRequest;
using testing::ElementsAre;
using testing::Pair;

// A dozen records, and those that they refer to where these are of the same type.
std::vector<std::string> Created(Tested& tested) {
  for (int i = 0; i < 12; ++i) EXPECT_TRUE(tested.Create(*tested.Full(i)).ok());
  return tested.ListAll("", "create_time");
}

TEST(StandardPages, ComesInPages) {
  ForEachType("list-pages", [](Tested& tested) {
    const std::vector<std::string> all = Created(tested);
    for (const char* order : {"create_time", "create_time desc"}) {
      ListRequest request;
      request.set_order_by(order);
      request.set_page_size(5);
      request.set_with_total_size(true);
      std::vector<std::string> paged;
      size_t pages = 0;
      for (std::string token = "begin"; !token.empty(); ++pages) {
        const RecordsAnswer page = tested.List(request);
        ASSERT_TRUE(page.ok()) << page;
        EXPECT_LE(page.records.size(), 5u);
        EXPECT_EQ(page.total_size, static_cast<int64_t>(all.size()));
        EXPECT_NE(page.position_read, "");
        paged.insert(paged.end(), page.records.begin(), page.records.end());
        token = page.next_page_token;
        request.set_page_token(token);
      }
      EXPECT_EQ(paged, tested.ListAll("", order));
      EXPECT_EQ(pages, (all.size() + 4) / 5);
    }
  });
}

TEST(StandardPages, BelievesOnlyItsOwnPageTokens) {
  ForEachType("list-tokens", [](Tested& tested) {
    const std::vector<std::string> all = Created(tested);
    ListRequest request;
    request.set_page_size(5);
    const std::string token = tested.List(request).next_page_token;
    ASSERT_NE(token, "");
    std::vector<std::string> forged = {"x", token + "AA", token.substr(0, token.size() - 2)};
    for (size_t at : {size_t{0}, token.size() / 2, token.size() - 2}) {
      forged.push_back(token);
      forged.back()[at] = forged.back()[at] == 'A' ? 'B' : 'A';
    }
    for (const std::string& text : forged) {
      request.set_page_token(text);
      const RecordsAnswer refused = tested.List(request);
      EXPECT_EQ(refused.code, grpc::StatusCode::INVALID_ARGUMENT) << text;
      EXPECT_THAT(refused.faults, ElementsAre(Pair("page_token", "INVALID_PAGE_TOKEN"))) << text;
    }
    request.set_page_token(token);
    ListRequest other = request;
    other.set_order_by("create_time");
    EXPECT_EQ(tested.List(other).reason, "INVALID_PAGE_TOKEN");
    const Tested elsewhere =
        tested.With(Client(Server::Shared(), TenantFor("list-tokens-x", tested.type())));
    EXPECT_EQ(elsewhere.List(request).reason, "INVALID_PAGE_TOKEN");
    // The size of a page may change on the way.
    request.set_page_size(3);
    EXPECT_EQ(tested.List(request).records.size(), 3u);
  });
}

}  // namespace
}  // namespace crm::test
