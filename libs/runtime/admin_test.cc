#include "libs/runtime/admin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "libs/runtime/http_client_test.h"
#include "libs/runtime/listener.h"

namespace crm::runtime {
namespace {

using testing::HasSubstr;

std::unique_ptr<Admin> StartAdmin() {
  Pages pages;
  pages["/hello"] = [] { return Page{200, "text/plain", "hello\n"}; };
  pages["/down"] = [] { return Page{503, "application/json", "{}"}; };
  auto admin = Admin::Start("127.0.0.1:0", std::move(pages));
  EXPECT_TRUE(admin) << (admin ? "" : admin.error().text);
  return admin ? std::move(admin).value() : nullptr;
}

TEST(Admin, AnswersItsPages) {
  auto admin = StartAdmin();
  HttpAnswer answer = Get(admin->port(), "/hello");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "hello\n");
  EXPECT_THAT(answer.head, HasSubstr("Content-Type: text/plain"));
  answer = Get(admin->port(), "/down?verbose=1");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, "{}");
}

TEST(Admin, RefusesEverythingElse) {
  auto admin = StartAdmin();
  EXPECT_EQ(Get(admin->port(), "/").status, 404);
  EXPECT_EQ(Get(admin->port(), "/../../etc/passwd").status, 404);
  EXPECT_EQ(Get(admin->port(), "/hello/more").status, 404);
  EXPECT_EQ(SendHttp(admin->port(), "POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
                .status,
            405);
  EXPECT_EQ(SendHttp(admin->port(), "GET /hello HTTP/1.1\r\nHost: x\r\nX: " +
                                        std::string(20'000, 'x') + "\r\n\r\n")
                .status,
            431);
  EXPECT_EQ(Get(admin->port(), "/hello").status, 200);
}

TEST(Admin, AnswersHeadWithoutABody) {
  auto admin = StartAdmin();
  const HttpAnswer answer = SendHttp(admin->port(), "HEAD /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "");
}

TEST(Admin, TakesARequestInPieces) {
  Pages pages;
  pages["/hello"] = [] { return Page{200, "text/plain", "hello\n"}; };
  const std::string request = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";
  for (size_t bytes = 0; bytes < request.size(); ++bytes) {
    EXPECT_FALSE(AnswerHttp(pages, request.substr(0, bytes)));
  }
  const auto answer = AnswerHttp(pages, request);
  ASSERT_TRUE(answer);
  EXPECT_THAT(*answer, testing::EndsWith("\r\n\r\nhello\n"));
}

TEST(Admin, SurvivesNonsense) {
  auto admin = StartAdmin();
  for (const char* nonsense :
       {"\r\n\r\n", "GET\r\n\r\n", "GET /hello\r\n\r\n", "GET  HTTP/2\r\n\r\n"}) {
    EXPECT_EQ(SendHttp(admin->port(), nonsense).status, 400) << nonsense;
  }
  EXPECT_EQ(SendHttp(admin->port(), "GET  HTTP/1.1\r\n\r\n").status, 404);
  EXPECT_EQ(Get(admin->port(), "/hello").status, 200);
}

TEST(Admin, ServesManyAtATime) {
  Pages pages;
  pages["/long"] = [] { return Page{200, "text/plain", std::string(1 << 20, 'x')}; };
  auto admin = Admin::Start("127.0.0.1:0", std::move(pages));
  ASSERT_TRUE(admin);
  std::vector<std::thread> clients;
  std::atomic<size_t> bytes{0};
  for (int i = 0; i < 100; ++i) {
    clients.emplace_back([&] { bytes += Get((*admin)->port(), "/long").body.size(); });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(bytes, size_t{100} << 20);
}

// Each of them may stay for five seconds, if nobody else comes.
TEST(Admin, AnswersBesideManyWhoAskForNothing) {
  auto admin = StartAdmin();
  std::vector<Descriptor> silent;
  for (int i = 0; i < 250; ++i) silent.emplace_back(ConnectTo(admin->port()));
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(Get(admin->port(), "/hello").status, 200);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

TEST(Admin, ReportsAPortThatIsTaken) {
  auto admin = StartAdmin();
  const std::string address = "127.0.0.1:" + std::to_string(admin->port());
  const auto second = Admin::Start(address, {});
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().text, HasSubstr(address));
}

}  // namespace
}  // namespace crm::runtime
