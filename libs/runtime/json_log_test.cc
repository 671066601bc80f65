#include "libs/runtime/json_log.h"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

namespace crm::runtime {
namespace {

class JsonLogTest : public testing::Test {
 protected:
  nlohmann::json Line() {
    const std::string line = out_.str();
    out_.str("");
    EXPECT_EQ(line.find('\n'), line.size() - 1) << line;
    return nlohmann::json::parse(line);
  }

  std::ostringstream out_;
  JsonLog log_{std::make_shared<spdlog::sinks::ostream_sink_mt>(out_, true), Level::kInfo};
};

TEST_F(JsonLogTest, WritesOneObjectALine) {
  log_.Write(Level::kWarning, "not ready",
             {{"service", std::string_view("sales")},
              {"partition", int64_t{3}},
              {"owning", false},
              {"load", 0.5}});
  const nlohmann::json line = Line();
  EXPECT_EQ(line["level"], "warning");
  EXPECT_EQ(line["msg"], "not ready");
  EXPECT_EQ(line["service"], "sales");
  EXPECT_EQ(line["partition"], 3);
  EXPECT_EQ(line["owning"], false);
  EXPECT_EQ(line["load"], 0.5);
  const std::regex time(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)");
  EXPECT_TRUE(std::regex_match(line["ts"].get<std::string>(), time)) << line["ts"];
}

TEST_F(JsonLogTest, KeepsToItsLevel) {
  log_.Write(Level::kDebug, "call");
  EXPECT_EQ(out_.str(), "");
  EXPECT_FALSE(log_.Writes(Level::kDebug));
  EXPECT_TRUE(log_.Writes(Level::kError));
}

TEST_F(JsonLogTest, EscapesWhatOthersSent) {
  log_.Write(Level::kInfo, "two\nlines {} %v \"quoted\"",
             {{"tenant", std::string_view("\xff\x00\n", 3)}});
  const nlohmann::json line = Line();
  EXPECT_EQ(line["msg"], "two\nlines {} %v \"quoted\"");
}

}  // namespace
}  // namespace crm::runtime
