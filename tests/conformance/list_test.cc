#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>

#include "tests/conformance/tested.h"

namespace crm::test {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Timestamp;
using record::v1::ListRequest;
using testing::ElementsAre;
using testing::Pair;

// Two digits, so that texts that begin with them are in the order of the numbers.
constexpr int kFirst = 11;
constexpr int kCount = 12;

// `2031-05-17`
std::string DayText(const Message& date) {
  auto part = [&](const char* name) {
    return date.GetReflection()->GetInt32(date, date.GetDescriptor()->FindFieldByName(name));
  };
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02d-%02d", part("year"), part("month"), part("day"));
  return text;
}

// A field of an index, possibly of a nested message.
struct Path {
  Path(const Tested& tested, std::string text) : name(std::move(text)) {
    const auto* message = tested.type().message;
    size_t at = 0;
    size_t dot = 0;
    do {
      dot = name.find('.', at);
      fields.push_back(message->FindFieldByName(name.substr(at, dot - at)));
      message = fields.back()->message_type();
      at = dot + 1;
    } while (dot != std::string::npos);
  }
  // As a filter writes it; empty: it is not set.
  std::string ValueIn(const Message& record) const {
    const Message* message = &record;
    for (size_t i = 0; i + 1 < fields.size(); ++i)
      message = &message->GetReflection()->GetMessage(*message, fields[i]);
    const FieldDescriptor* field = fields.back();
    const auto* reflection = message->GetReflection();
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        return reflection->GetString(*message, field);
      case FieldDescriptor::CPPTYPE_ENUM:
        return reflection->GetEnumValue(*message, field) == 0
                   ? ""
                   : reflection->GetEnum(*message, field)->name();
      case FieldDescriptor::CPPTYPE_BOOL:
        return reflection->GetBool(*message, field) ? "true" : "false";
      case FieldDescriptor::CPPTYPE_MESSAGE: {
        std::string json;
        if (!reflection->HasField(*message, field)) return "";
        if (field->message_type()->full_name() == "google.type.Date")
          return DayText(reflection->GetMessage(*message, field));
        EXPECT_TRUE(google::protobuf::util::MessageToJsonString(
                        reflection->GetMessage(*message, field), &json)
                        .ok());
        return json.substr(1, json.size() - 2);
      }
      default:
        ADD_FAILURE() << name << " is of a kind that no index has yet";
        return "";
    }
  }
  // JSON leaves out zeros at the end of a time's fraction: 12:00:00.5Z would sort behind
  // 12:00:00.51Z.
  static std::string TimeKey(std::string time) {
    constexpr size_t kWithNanos = 29;
    if (time.empty()) return time;
    time.pop_back();
    if (time.find('.') == std::string::npos) time.push_back('.');
    time.resize(kWithNanos, '0');
    return time;
  }
  // What sorts as the values do.
  std::string SortKey(const Message& record) const {
    if (fields.back()->message_type() != nullptr) return TimeKey(ValueIn(record));
    if (fields.back()->enum_type() == nullptr) return ValueIn(record);
    const int number = record.GetReflection()->GetEnumValue(record, fields[0]);
    return {static_cast<char>(number >> 8), static_cast<char>(number)};
  }

  std::string name;
  std::vector<const FieldDescriptor*> fields;
};

std::string Term(const std::string& path, const std::string& comparison, const std::string& value) {
  return path + " " + comparison + " \"" + value + "\"";
}

// The type's records, in the order of their creation.
struct Stock {
  explicit Stock(Tested& tested) {
    for (int i = 0; i < kCount; ++i) {
      const RecordAnswer created = tested.Create(*tested.Full(kFirst + i));
      EXPECT_TRUE(created.ok()) << created;
      bytes.push_back(created.body);
    }
    // With those that they refer to, where these are of the same type.
    all = tested.ListAll("", "create_time");
  }
  std::vector<std::string> bytes;
  std::vector<std::string> all;
};

// Those of `all` that satisfy the comparison with a value's sort key.
std::vector<std::string> Chosen(const Tested& tested, const std::vector<std::string>& all,
                                const Path& path, const std::string& comparison,
                                const std::string& key) {
  std::vector<std::string> chosen;
  for (const std::string& bytes : all) {
    const Record record = tested.type().Parse(bytes);
    const std::string other = path.SortKey(*record);
    const bool set = !path.ValueIn(*record).empty();
    const bool is = comparison == "="    ? other == key
                    : comparison == "<"  ? other < key
                    : comparison == "<=" ? other <= key
                    : comparison == ">"  ? other > key
                                         : other >= key;
    if (set && is) chosen.push_back(bytes);
  }
  return chosen;
}

std::vector<std::string> FirstPaths(const Tested& tested) {
  std::vector<std::string> paths = {"create_time"};
  for (const auto& index : tested.type().options.index()) paths.push_back(index.by(0));
  return paths;
}

TEST(StandardList, SelectsByEachIndex) {
  ForEachType("list-filter", [](Tested& tested) {
    const Stock stock(tested);
    for (const std::string& name : FirstPaths(tested)) {
      const Path path(tested, name);
      for (int i : {0, 3, kCount - 1}) {
        const Record record = tested.type().Parse(stock.bytes[static_cast<size_t>(i)]);
        const std::string value = path.ValueIn(*record);
        if (value.empty() && IsOutputOnly(path.fields.front())) continue;  // a command sets it
        ASSERT_NE(value, "") << name;
        for (const char* comparison : {"=", "<", "<=", ">", ">="}) {
          const std::string filter = Term(name, comparison, value);
          EXPECT_THAT(tested.ListAll(filter, ""),
                      testing::UnorderedElementsAreArray(
                          Chosen(tested, stock.all, path, comparison, path.SortKey(*record))))
              << filter;
        }
      }
    }
  });
}

TEST(StandardList, SelectsByAllFieldsOfAnIndex) {
  ForEachType("list-leading", [](Tested& tested) {
    const Stock stock(tested);
    for (const auto& index : tested.type().options.index()) {
      std::string filter;
      std::vector<std::string> expected = stock.all;
      const Record record = tested.type().Parse(stock.bytes[5]);
      for (const std::string& name : index.by()) {
        const Path path(tested, name);
        if (path.ValueIn(*record).empty()) break;  // nobody has set it
        filter += (filter.empty() ? "" : " AND ") + Term(name, "=", path.ValueIn(*record));
        expected = Chosen(tested, expected, path, "=", path.SortKey(*record));
        EXPECT_THAT(tested.ListAll(filter, ""), testing::UnorderedElementsAreArray(expected))
            << filter;
      }
    }
  });
}

TEST(StandardList, SortsByEachIndexBothWays) {
  ForEachType("list-order", [](Tested& tested) {
    const Stock stock(tested);
    for (const std::string& name : FirstPaths(tested)) {
      const Path path(tested, name);
      const std::vector<std::string> up = tested.ListAll("", name);
      std::vector<std::string> down = tested.ListAll("", name + " desc");
      EXPECT_THAT(up, testing::UnorderedElementsAreArray(stock.all)) << name;
      for (size_t i = 1; i < up.size(); ++i) {
        EXPECT_LE(path.SortKey(*tested.type().Parse(up[i - 1])),
                  path.SortKey(*tested.type().Parse(up[i])))
            << name;
      }
      std::reverse(down.begin(), down.end());
      EXPECT_EQ(up, down) << name;
    }
    // The newest first, unless it is asked for otherwise.
    EXPECT_EQ(tested.ListAll("", ""), tested.ListAll("", "create_time desc"));
  });
}

// Lists by each index that is kept for the past, as filter -> records.
std::map<std::string, std::vector<std::string>> PastLists(const Tested& tested, const Stock& stock,
                                                          const Timestamp* read_time) {
  std::map<std::string, std::vector<std::string>> lists;
  for (const auto& index : tested.type().options.index()) {
    if (!index.past()) continue;
    const Path path(tested, index.by(0));
    for (const std::string& bytes : stock.all) {
      const std::string value = path.ValueIn(*tested.type().Parse(bytes));
      if (value.empty()) continue;
      const std::string filter = Term(path.name, "=", value);
      if (!lists.contains(filter)) lists[filter] = tested.ListAll(filter, "", read_time);
    }
    lists["by " + path.name] = tested.ListAll("", path.name + " desc", read_time);
  }
  return lists;
}

TEST(StandardList, ReadsThePast) {
  size_t kept = 0;
  ForEachType("list-past", [&](Tested& tested) {
    const Stock stock(tested);
    const auto before = PastLists(tested, stock, nullptr);
    const Timestamp time = TimeIn(*tested.type().Parse(stock.bytes.back()), "update_time");
    for (int i = 0; i < kCount; i += 2) {
      Record changed = tested.Full(kFirst + 50 + i);
      SetText(changed.get(), "name", tested.Name(stock.bytes[static_cast<size_t>(i)]));
      for (int k = 0; k < tested.type().message->field_count(); ++k) {
        const auto* field = tested.type().message->field(k);
        if (IsImmutable(field)) changed->GetReflection()->ClearField(changed.get(), field);
      }
      ASSERT_TRUE(tested.Update(*changed).ok());
    }
    ASSERT_TRUE(tested.Delete(tested.Name(stock.bytes[1])).ok());
    ASSERT_TRUE(tested.Create(*tested.Full(kFirst)).ok());
    EXPECT_EQ(PastLists(tested, stock, &time), before);
    kept += before.size();
    if (!before.empty()) {
      EXPECT_NE(PastLists(tested, stock, nullptr), before);
    }

    ListRequest request;
    *request.mutable_read_time() = time;
    request.set_order_by("create_time");
    const RecordsAnswer refused = tested.List(request);
    EXPECT_EQ(refused.code, grpc::StatusCode::FAILED_PRECONDITION);
    EXPECT_EQ(refused.reason, "NO_INDEX") << refused;
  });
  EXPECT_GT(kept, 10u);
}

TEST(StandardList, AnswersWithTheMaskedFields) {
  ForEachType("list-mask", [](Tested& tested) {
    const Stock stock(tested);
    ListRequest request;
    request.mutable_read_mask()->add_paths("name");
    for (const std::string& record : tested.List(request).records) {
      Record named = tested.type().New();
      SetText(named.get(), "name", tested.Name(record));
      EXPECT_EQ(record, named->SerializeAsString());
    }
  });
}

TEST(StandardList, SaysWhatIsWrongWithAQuestion) {
  ForEachType("list-wrong", [](Tested& tested) {
    ListRequest request;
    request.set_filter("no_such_field = 1");
    request.set_order_by("etag sideways");
    request.set_page_size(-1);
    request.set_view("mine");
    request.mutable_read_mask()->add_paths("no_such_field");
    const RecordsAnswer refused = tested.List(request);
    EXPECT_EQ(refused.code, grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(refused.faults,
                ElementsAre(Pair("filter", "UNKNOWN_FIELD"), Pair("order_by", "INVALID_ORDER"),
                            Pair("page_size", "OUT_OF_RANGE"), Pair("read_mask", "UNKNOWN_FIELD"),
                            Pair("view", "INVALID_VALUE")));
    for (const char* filter : {"create_time", "create_time = ", "= 1", "create_time = \"today\"",
                               "create_time > \"2026-01-01T00:00:00Z\" OR etag = 1"}) {
      ListRequest bad;
      bad.set_filter(filter);
      EXPECT_EQ(tested.List(bad).code, grpc::StatusCode::INVALID_ARGUMENT) << filter;
    }
    ListRequest unindexed;
    unindexed.set_filter("etag = \"1\"");
    const RecordsAnswer no_index = tested.List(unindexed);
    EXPECT_EQ(no_index.code, grpc::StatusCode::FAILED_PRECONDITION);
    EXPECT_EQ(no_index.reason, "NO_INDEX");
    EXPECT_THAT(no_index.facts, testing::Contains(Pair("index", "etag")));
  });
}

}  // namespace
}  // namespace crm::test
